import type { Reply } from '../../api/script.ts'
import { equal, fails } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'

const once = { paginator: 'single_page', dataSelector: '$' }
const json = (text: string, type = 'application/json'): Reply => ({ text, headers: { 'content-type': type } })
const hex = (bytes: string, headers: Record<string, string> = {}): Reply => ({
  hex: bytes,
  headers: { 'content-type': 'application/json', ...headers },
})

/** `[{"id":1}]`, gzipped. */
const GZIPPED = '1f8b08000000000000038bae56ca4c51b232ac8d050064a8e5680a000000'

function reads(name: string, reply: Reply, rows: unknown[] = [{ id: 1 }], client: object = {}): Case {
  return {
    name,
    async run({ api }) {
      await api.serves({ '/items': [reply] })
      equal(await api.read(once, client), rows)
    },
  }
}

function refuses(name: string, reply: Reply, codes: Parameters<typeof fails>[1][], client: object = {}): Case {
  return {
    name,
    async run({ api }) {
      await api.serves({ '/items': [reply] })
      await fails(api.read(once, client), ...codes)
    },
  }
}

export const bodies: Theme = {
  name: 'bodies',
  cases: [
    reads('JSON under any content type', json('[{"id":1}]', 'text/plain')),
    reads('a byte order mark', hex('efbbbf5b7b226964223a317d5d')),
    reads('gzip', hex(GZIPPED, { 'content-encoding': 'gzip' })),
    reads(
      'latin1, if the charset says so',
      hex('5b7b226964223a22e4227d5d', { 'content-type': 'application/json; charset=iso-8859-1' }),
      [{ id: 'ä' }],
    ),
    reads('a 204 is an empty page', { status: 204 }, []),
    reads('astral and odd characters', json('[{"id":"\u{1f600}\\u0000\\ud800 ü"}]'), [
      { id: '\u{1f600}\u0000\ud800 ü' },
    ]),
    reads('__proto__ is a field like others', json('[{"__proto__":{"x":1},"id":1}]'), [
      Object.defineProperty({ id: 1 }, '__proto__', { value: { x: 1 }, enumerable: true }),
    ]),
    reads('integers beyond 2^53, as text', json('[{"id":9007199254740993}]'), [{ id: '9007199254740993' }], {
      bigint: 'string',
    }),
    refuses('nothing', json(''), ['invalid_json']),
    refuses('JSON that ends early', json('[{"id":1}'), ['invalid_json']),
    refuses('what JSON.parse would take as text', json('[{"id":1}] x'), ['invalid_json']),
    refuses('bytes that are no UTF-8', hex('5b22ff225d'), ['invalid_json']),
    refuses('an unknown charset', json('[]', 'application/json; charset=x-none'), ['invalid_json']),
    refuses('too deep', json(`${'['.repeat(600)}${']'.repeat(600)}`), ['invalid_json']),
    refuses('a page of HTML', json('<!DOCTYPE html><title>Sign in</title>', 'text/html'), ['unexpected_html']),
    refuses('more than the cap', json(`[${'1,'.repeat(2000)}1]`), ['body_too_large'], { maxBodyBytes: 1000 }),
    // WebKit does not say that a body was cut: that it is no JSON tells it there.
    refuses('a body that was cut', { ...json('[{"id":1},{"id":2}]'), fault: 'cut' }, ['network', 'invalid_json']),
    refuses('a gzip body that was cut', { ...hex(GZIPPED, { 'content-encoding': 'gzip' }), fault: 'cut' }, [
      'network',
      'invalid_json',
    ]),
  ],
}
