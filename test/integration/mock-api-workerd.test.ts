// In workerd: the host answers what a worker fetches, as `mockApi` says.
import { build } from 'esbuild'
import { type Request as HostRequest, Response as HostResponse, Miniflare } from 'miniflare'
import { getResponse } from 'msw'
import { expect, onTestFinished, test } from 'vitest'
import { mockApi } from '../../src/testing/index.ts'

test('a worker syncs against a mocked API, step by step', async () => {
  const entryPoints = ['test/integration/mock-api-worker.ts']
  const bundle = await build({ entryPoints, bundle: true, format: 'esm', target: 'es2022', write: false })
  const api = await mockApi({
    baseUrl: 'https://api.example.com',
    auth: { type: 'bearer', token: 'hush-hush-1' },
    resources: {
      '/items': {
        records: Array.from({ length: 25 }, (_, index) => ({ id: index + 1 })),
        paging: { type: 'cursor', pageSize: 10 },
      },
    },
  })
  api.fail({ type: 'truncated', at: 1 })
  const workerd = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-04-01',
    cf: false,
    async outboundService({ url, headers }: HostRequest) {
      const answer = await getResponse(api.handlers, new Request(url, { headers: [...headers] }))
      return new HostResponse(await answer?.text(), {
        status: answer?.status ?? 404,
        headers: [...(answer?.headers ?? [])],
      })
    },
  })
  onTestFinished(() => workerd.dispose())
  const call = async () => (await workerd.dispatchFetch('http://worker.test/')).json()
  expect(await call()).toMatchObject({ status: 'wait', added: 10 })
  expect(await call()).toMatchObject({ status: 'done', added: 25 })
  expect(api.requests.map(({ query, status }) => [query.cursor, status])).toEqual([
    [undefined, 200],
    ['c10', 200],
    ['c10', 200],
    ['c20', 200],
  ])
})
