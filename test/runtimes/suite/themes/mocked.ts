import { defineSource } from 'syncline'
import { equal, fails, has } from '../assert.ts'
import { MOCKED, TOKEN } from '../mocked.ts'
import { idsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const IDS = Array.from({ length: 25 }, (_, index) => index + 1)

/** msw as users use it: within the runtime, in a browser's worker, on the host of workerd. */
export const mocked: Theme = {
  name: 'mocked API',
  cases: [
    {
      name: 'a sync against mockApi is stopped by its faults, and goes on where it was',
      async run({ api, platform, store }) {
        const source = defineSource({
          name: 'mocked',
          client: { baseUrl: MOCKED, auth: { token: TOKEN }, retry: { retries: 1 } },
          resources: [
            { name: 'items', primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'header_link' } },
          ],
        })
        const stop = await platform.mock()
        try {
          const { report } = await fails(api.sync(source as never, store()), 'http_status')
          has(report?.resources.items, { requests: 5, retries: 2, added: 20 })
          equal(await idsIn(source as never, store()), IDS.slice(0, 20))
          has((await api.sync(source as never, store())).resources.items, { requests: 1, complete: true, added: 5 })
          equal(await idsIn(source as never, store()), IDS)
        } finally {
          await stop()
        }
      },
    },
  ],
}
