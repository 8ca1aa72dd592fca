import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type Request as HostRequest, Response as HostResponse, Miniflare } from 'miniflare'
import type { Outcome } from '../suite/suite.ts'
import type { Consumer } from './package.ts'
import { NO_BROWSER, NO_FILES, NO_INDEXED_DB, type Runtime } from './runtime.ts'

/** Cloudflare's own runtime with its simulators of KV and R2; a worker keeps the behaviour of its compatibility date. */
function workerd(compatibilityDate: string): Runtime {
  return {
    name: `workerd ${compatibilityDate.slice(0, 4)}`,
    lacks: { ...NO_BROWSER, files: NO_FILES, IndexedDB: NO_INDEXED_DB },
    fromNpm: true,
    missing: 'npm has not installed it',
    find: () => 'workerd',
    async run(_, task, { consumer }) {
      const options = {
        modules: true,
        script: readFileSync(await consumer.bundle('worker'), 'utf8'),
        compatibilityDate,
        kvNamespaces: ['DATA'],
        r2Buckets: ['BUCKET'],
        cf: false,
      } as const
      const [miniflare, mocked] = [
        new Miniflare(options),
        new Miniflare({ ...options, ...(await mockedNet(consumer)) }),
      ]
      try {
        const outcomes: Outcome[] = []
        const themes = (await consumer.list()).map(({ name }) => name)
        for (const theme of themes) {
          const body = JSON.stringify({ task, theme })
          const worker = theme === 'mocked API' ? mocked : miniflare
          const response = await worker.dispatchFetch('http://worker.test/', { method: 'POST', body })
          outcomes.push(...((await response.json()) as Outcome[]))
        }
        return outcomes
      } finally {
        await Promise.all([miniflare.dispose(), mocked.dispose()])
      }
    },
  }
}

/** What a worker fetches comes from msw, on the host. */
async function mockedNet(consumer: Consumer) {
  const module = pathToFileURL(await consumer.bundle('mocked')).href
  const { startAnswering } = (await import(module)) as typeof import('../entries/mocked.ts')
  const answer = await startAnswering()
  return {
    async outboundService({ url, headers }: HostRequest) {
      const answered = await answer(new Request(url, { headers: [...headers] }))
      return new HostResponse(await answered?.text(), {
        status: answered?.status ?? 404,
        headers: [...(answered?.headers ?? [])],
      })
    },
  }
}

export const workers: Runtime[] = [workerd('2023-03-01'), workerd('2026-04-01')]
