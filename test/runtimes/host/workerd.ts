import { readFileSync } from 'node:fs'
import { Miniflare } from 'miniflare'
import type { Outcome } from '../suite/suite.ts'
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
      const miniflare = new Miniflare({
        modules: true,
        script: readFileSync(await consumer.bundle('worker'), 'utf8'),
        compatibilityDate,
        kvNamespaces: ['DATA'],
        r2Buckets: ['BUCKET'],
        cf: false,
      })
      try {
        const outcomes: Outcome[] = []
        const themes = (await consumer.list()).map(({ name }) => name)
        for (const theme of themes) {
          const body = JSON.stringify({ task, theme })
          const response = await miniflare.dispatchFetch('http://worker.test/', { method: 'POST', body })
          outcomes.push(...((await response.json()) as Outcome[]))
        }
        return outcomes
      } finally {
        await miniflare.dispose()
      }
    },
  }
}

export const workers: Runtime[] = [workerd('2023-03-01'), workerd('2026-04-01')]
