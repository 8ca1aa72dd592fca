import { type SyncEvent, type SynclineError, step, sync } from 'syncline'
import { CANARY, leaks } from '../../../support/canaries.ts'
import type { Reply } from '../../api/script.ts'
import { equal, fails, ok } from '../assert.ts'

import type { Case, Theme } from '../suite.ts'

const SAFE = 'cAn4ry-7f3e9d' // What a header can hold.
const auth = (secret: string) => ({ type: 'api_key', name: 'api_key', apiKey: secret, location: 'query' })

/** An error that comes out of a run with a secret in the key, a parameter, the records and the body. */
function keeps(
  name: string,
  reply: Reply,
  codes: SynclineError['code'] | SynclineError['code'][],
  more: object = {},
): Case {
  return {
    name: `${name}: no secret in the error, its report and the events`,
    async run({ api, store }) {
      await api.serves({ '/items': [reply] })
      const endpoint = { paginator: 'single_page', params: { note: CANARY }, ...more }
      const source = api.source({ endpoint }, [], {
        auth: auth(CANARY),
        timeout: { attempt: reply.fault === 'silence' ? 0.1 : 60 },
      })
      const events: SyncEvent[] = []
      const onEvent = (event: SyncEvent) => void events.push(event)
      const error = await fails(sync(source, store(), { ports: api.ports, onEvent }), ...[codes].flat())
      equal(leaks(CANARY, error, error.stack, error.report, events), [])
    },
  }
}

const body = `{"data":[{"id":1,"text":${JSON.stringify(CANARY)}}`

export const redaction: Theme = {
  name: 'redaction',
  cases: [
    {
      name: 'the scanner finds a secret in each form, so that it can fail',
      async run() {
        const forms = [
          CANARY,
          encodeURIComponent(CANARY),
          JSON.stringify(CANARY),
          btoa(`x${unescape(encodeURIComponent(CANARY))}`),
        ]
        for (const form of forms) ok(leaks(CANARY, new Error(`in ${form}`)).length > 0, form)
        ok(leaks(CANARY, { deep: [{ er: CANARY }] }).length > 0, 'in an object')
        ok(leaks(CANARY, Object.defineProperty(new Error('x'), 'hidden', { value: CANARY })).length > 0, 'hidden')
      },
    },
    keeps('401', { status: 401, text: body }, 'http_status'),
    keeps('429', { status: 429, text: body }, 'rate_limited'),
    keeps('no JSON', { text: body }, 'invalid_json'),
    keeps('HTML', { text: `<!doctype html><p>${CANARY}` }, 'unexpected_html'),
    keeps('a wrong selector', { json: { rows: [{ id: CANARY }] } }, 'selector_empty'),
    keeps('a connection that breaks', { fault: 'refuse' }, 'network'),
    keeps('a body that breaks', { text: body, fault: 'cut' }, ['network', 'invalid_json']),
    keeps('a deadline', { fault: 'silence' }, 'timeout'),
    keeps(
      'a foreign link',
      { json: { data: [{ id: 1 }], next: `https://other.example/?t=${encodeURIComponent(CANARY)}` } },
      'foreign_origin',
      { paginator: 'json_link' },
    ),
    {
      name: 'a header that carries a key: no secret in the error',
      async run({ api }) {
        await api.serves({ '/items': [{ status: 403, text: SAFE }] })
        for (const client of [
          { auth: { token: SAFE } },
          { auth: { username: 'me', password: SAFE, type: 'http_basic' } },
        ]) {
          const error = await fails(api.read({ paginator: 'single_page' }, client), 'http_status')
          equal(leaks(SAFE, error, error.stack), [])
        }
      },
    },
    {
      name: 'a stored position holds no credential of a next link',
      async run({ api, store }) {
        const next = `${api.base}/items?p=2&api_key=${SAFE}`
        await api.serves({
          '/items': [{ json: { data: [{ id: 1 }], next } }, { json: { data: [{ id: 2 }], next: null } }],
        })
        const source = api.source({ endpoint: { paginator: 'json_link' } }, [], { auth: auth(SAFE) })
        equal((await step(source, store(), { ports: api.ports, budget: { requests: 1 } })).status, 'more')
        const dataset = await store().open('test')
        const { value } = await dataset.position('items')
        ok(JSON.stringify(value).includes('p=2'), 'the position has no link')
        equal(leaks(SAFE, value), [])
        equal((await step(source, store(), { ports: api.ports })).status, 'done')
        equal(await api.asked('api_key'), [SAFE, SAFE])
      },
    },
  ],
}
