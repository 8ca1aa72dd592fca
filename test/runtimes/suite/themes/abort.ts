import { extract, step, sync } from 'syncline'
import { manyRows } from '../../../support/fake-api.ts'
import type { Reply } from '../../api/script.ts'
import { equal, ok } from '../assert.ts'
import { idsIn } from '../rows.ts'
import type { Case, Theme } from '../suite.ts'

class Stop extends Error {
  override readonly name = 'Stop'
}

/** The rejection is the reason itself, whatever the runtime makes of aborted requests. */
function rejects(name: string, replies: Reply[], abort: 'before' | 'soon'): Case {
  return {
    name,
    async run({ api }) {
      await api.serves({ '/items': replies })
      const controller = new AbortController()
      const reason = new Stop('enough')
      if (abort === 'before') controller.abort(reason)
      // Real time, since nothing tells from outside that half of a body has been read. Too early is no failure.
      else setTimeout(() => controller.abort(reason), 100)
      const ports = { sleep: (_: number, signal?: AbortSignal) => untilAbort(signal) }
      const source = api.source({ endpoint: { paginator: 'single_page' } }, [], { retry: { retries: 3 } })
      const thrown = await readAll(extract(source, { signal: controller.signal, ports })).catch((error) => error)
      ok(thrown === reason, `not the reason, but ${String(thrown)}`)
      if (abort === 'before') equal(await api.log(), [])
    },
  }
}

const untilAbort = (signal?: AbortSignal) =>
  new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

export const abort: Theme = {
  name: 'abort',
  cases: [
    rejects('before the start: nothing is sent', [], 'before'),
    rejects('while waiting for an answer', [{ fault: 'silence' }], 'soon'),
    rejects('while reading a body', [{ json: { data: [{ id: 1 }] }, fault: 'stall' }], 'soon'),
    rejects('while waiting to try again', [{ status: 503 }], 'soon'),
    {
      name: 'what was committed stays, and the next run goes on after it',
      async run({ api, store }) {
        const rows = manyRows(35)
        await api.serves({ '/items': { rows, by: 'offset' } })
        const source = api.source()
        equal((await step(source, store(), { ports: api.ports, budget: { requests: 2 } })).status, 'more')
        const controller = new AbortController()
        const reason = new Stop('enough')
        const onEvent = ({ type }: { type: string }) => type === 'page' && controller.abort(reason)
        const { signal } = controller
        const thrown = await sync(source, store(), { ports: api.ports, signal, onEvent }).catch((error) => error)
        ok(thrown === reason, `not the reason, but ${String(thrown)}`)
        const kept = await idsIn(source, store())
        ok(kept.length >= 20 && kept.length < 35, `${kept.length} rows`)
        const asked = (await api.log()).length
        await api.sync(source, store())
        equal(
          await idsIn(source, store()),
          rows.map(({ id }) => id),
        )
        equal((await api.log())[asked]?.query.offset, String(kept.length))
      },
    },
  ],
}
