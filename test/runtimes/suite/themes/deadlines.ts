import { step } from 'syncline'
import { equal, fails, has, ok } from '../assert.ts'
import type { Theme } from '../suite.ts'

const once = { paginator: 'single_page' }

export const deadlines: Theme = {
  name: 'deadlines',
  cases: [
    {
      name: 'a server that never answers',
      async run({ api }) {
        await api.serves({ '/items': [{ fault: 'silence' }] })
        const error = await fails(api.read(once, { timeout: { attempt: 0.1 } }), 'timeout')
        ok(error.message.includes('client.timeout.attempt'), error.message)
        equal([error.attempt, error.retryable], [1, true])
      },
    },
    {
      name: 'a body that stops',
      async run({ api }) {
        await api.serves({ '/items': [{ json: [{ id: 1 }, { id: 2 }], fault: 'stall' }] })
        const error = await fails(api.read(once, { timeout: { attempt: 30, idle: 0.1 } }), 'timeout')
        ok(error.message.includes('client.timeout.idle'), error.message)
      },
    },
    {
      name: 'all attempts together',
      async run({ api }) {
        await api.serves({ '/items': [{ fault: 'silence' }] })
        const client = { retry: { retries: 9 }, timeout: { attempt: 30, total: 0.2 } }
        const error = await fails(api.read(once, client), 'timeout')
        ok(error.message.includes('client.timeout.total'), error.message)
      },
    },
    {
      name: 'an attempt that timed out is tried again, with a deadline of its own',
      async run({ api }) {
        await api.serves({ '/items': [{ fault: 'silence' }, { fault: 'silence' }, { json: [{ id: 1 }] }] })
        const client = { retry: { retries: 2 }, timeout: { attempt: 1 } }
        equal(await api.read(once, client), [{ id: 1 }])
      },
    },
    {
      name: 'a wait that does not fit the budget is not begun',
      async run({ api, store }) {
        await api.serves({ '/items': [{ status: 503, headers: { 'retry-after': '50' } }, { json: { data: [] } }] })
        const source = api.source({ endpoint: once }, [], { retry: { retries: 1 } })
        const result = await step(source, store(), { ports: api.ports, budget: { wallMs: 10_000 } })
        equal([result.status, api.ports.sleeps], ['wait', []])
        ok(Number(result.retryAt) > Date.now(), 'retryAt is not later')
        has(await step(source, store(), { ports: api.ports }), { status: 'done' })
      },
    },
  ],
}
