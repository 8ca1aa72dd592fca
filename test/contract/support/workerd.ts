import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeContract } from '../../../src/testing/store-contract.ts'

/** The whole contract in Cloudflare's own runtime, with its simulators of KV and R2. */
export function runInWorkerd(places: readonly string[]): void {
  let workerd: Miniflare
  beforeAll(async () => {
    const bundle = await build({
      entryPoints: ['test/contract/support/worker.ts'],
      bundle: true,
      format: 'esm',
      target: 'es2022',
      platform: 'neutral',
      write: false,
    })
    workerd = new Miniflare({
      modules: true,
      script: bundle.outputFiles[0]?.text ?? '',
      compatibilityDate: '2026-04-01',
      kvNamespaces: ['DATA'],
      r2Buckets: ['BUCKET'],
      cf: false,
    })
    await workerd.ready
  })
  afterAll(() => workerd?.dispose())

  describe.each(
    places.flatMap((place) => [
      { place, foreign: false },
      { place, foreign: true },
    ]),
  )('$place (beside foreign data: $foreign), in workerd', ({ place, foreign }) => {
    test.each(storeContract.map(({ name }, i) => ({ name, i })))('$name', async ({ i }) => {
      const query = new URLSearchParams({ place, case: String(i), foreign: String(foreign) })
      const response = await workerd.dispatchFetch(`http://worker.test/?${query}`)
      expect(await response.text()).toBe('ok')
    })
  })
}
