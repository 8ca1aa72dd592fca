import { createClient } from 'syncline'
import type { Reply } from '../../api/script.ts'
import { equal, fails, ok } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'

const PAGE: Reply = { json: [{ id: 1 }] }
const once = { paginator: 'single_page' }
const three = { retry: { retries: 3, factor: 1, jitter: false } }
const failed = (status: number, headers = {}): Reply => ({ status, headers, text: 'failed' })

/** These answers come first, then the page; the waits in seconds. */
function recovers(name: string, replies: Reply[], waits: number[], client: object = three): Case {
  return {
    name,
    async run({ api }) {
      await api.serves({ '/items': [...replies, PAGE] })
      equal(await api.read(once, client), [{ id: 1 }])
      equal(
        api.ports.sleeps.map((ms) => ms / 1000),
        waits,
      )
      equal((await api.log()).length, replies.length + 1)
    },
  }
}

export const retry: Theme = {
  name: 'retry',
  cases: [
    ...[408, 429, 500, 502, 503, 504].map((status) => recovers(`a ${status} is tried again`, [failed(status)], [1])),
    recovers('waits double', [failed(503), failed(503), failed(503)], [1, 2, 4]),
    recovers(
      'Retry-After in seconds',
      [failed(503, { 'retry-after': '7' }), failed(429, { 'retry-after': '40' })],
      [7, 40],
    ),
    recovers('Retry-After of zero is no hint', [failed(503, { 'retry-after': '0' })], [1]),
    {
      name: 'a broken connection is tried again',
      async run({ api }) {
        // Until the first wait: Deno and Firefox ask several times by themselves before they say so.
        await api.serves({ '/items': [{ fault: 'refuse' }] })
        const waits: number[] = []
        const sleep = async (ms: number) => {
          waits.push(ms)
          await api.serves({ '/items': [PAGE] })
        }
        const client = createClient({ baseUrl: api.base, ...three }, { ports: { sleep } })
        equal([await client.request('items'), waits], [[{ id: 1 }], [1000]])
      },
    },
    recovers('a body that was cut is tried again', [{ ...PAGE, fault: 'cut' }], [1]),
    recovers('a body that is empty is tried again', [{ text: '' }], [1]),
    {
      name: 'Retry-After as a date of the clock of the server',
      async run({ api }) {
        const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
        await api.serves({ '/items': [failed(503, { date, 'retry-after': 'Thu, 01 Jan 2026 00:00:20 GMT' }), PAGE] })
        await api.read(once, three)
        const [wait = 0] = api.ports.sleeps
        // Browsers show no Date header of another origin, but the page is of this one.
        equal(wait, 20_000)
      },
    },
    {
      name: 'full jitter stays below the computed wait',
      async run({ api }) {
        await api.serves({ '/items': [failed(503), failed(503), PAGE] })
        await api.read(once, { retry: { retries: 3, factor: 1 } })
        ok(
          api.ports.sleeps.every((ms, i) => ms > 0 && ms < 1000 * 2 ** i),
          `waits ${api.ports.sleeps}`,
        )
      },
    },
    {
      name: 'a 429 after all retries is rate_limited, with the time',
      async run({ api }) {
        await api.serves({ '/items': [failed(429, { 'retry-after': '30' })] })
        const error = await fails(api.read(once, three), 'rate_limited')
        equal([error.status, error.attempt, error.retryable], [429, 4, true])
        ok(Number(error.retryAt) > Date.now(), `retryAt ${error.retryAt}`)
        equal((await api.log()).length, 4)
      },
    },
    {
      name: 'a 404 is not tried again',
      async run({ api }) {
        await api.serves({ '/items': [failed(404)] })
        equal((await fails(api.read(once, three), 'http_status')).status, 404)
        equal([(await api.log()).length, api.ports.sleeps], [1, []])
      },
    },
    {
      name: 'a POST is tried again with its body',
      async run({ api }) {
        await api.serves({ '/items': [failed(503), PAGE] })
        await api.read({ ...once, method: 'POST', json: { q: 'ä' } }, three)
        equal(
          (await api.log()).map(({ method, body }) => [method, body]),
          Array(2).fill(['POST', '{"q":"ä"}']),
        )
      },
    },
    {
      name: 'a server that nobody is behind is a network error',
      async run({ api }) {
        await api.serves({ '/items': [{ fault: 'refuse' }] })
        const error = await fails(api.read(once, three), 'network')
        equal([error.attempt, error.retryable], [4, true])
      },
    },
  ],
}
