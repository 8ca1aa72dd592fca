import { equal, fails, has } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'
import { oauth } from './oauth.ts'

const SECRET = 's3cret+/='
const PAGE = [{ json: [{ id: 1 }] }]
const once = { paginator: 'single_page' }

/** What the server gets: of the query, or of the headers. */
function sends(
  name: string,
  auth: object,
  expected: { query?: object; headers?: object },
  needs: Case['needs'] = [],
): Case {
  return {
    name,
    needs,
    async run({ api }) {
      await api.serves({ '/items': PAGE })
      equal(await api.read(once, { auth }), [{ id: 1 }])
      const [request] = await api.log()
      if (expected.query) equal(request?.query, expected.query)
      has(request?.headers, expected.headers ?? {})
    },
  }
}

export const auth: Theme = {
  name: 'auth',
  cases: [
    sends('bearer', { type: 'bearer', token: SECRET }, { headers: { authorization: `Bearer ${SECRET}` } }),
    sends('a token from a function', { token: async () => SECRET }, { headers: { authorization: `Bearer ${SECRET}` } }),
    sends(
      'api_key in a header',
      { type: 'api_key', name: 'X-Api-Key', apiKey: SECRET },
      { headers: { 'x-api-key': SECRET } },
    ),
    sends(
      'api_key in the query',
      { type: 'api_key', name: 'key', apiKey: SECRET, location: 'query' },
      { query: { key: SECRET } },
    ),
    sends(
      'api_key in a cookie',
      { type: 'api_key', name: 'sid', apiKey: 'abc', location: 'cookie' },
      { headers: { cookie: 'sid=abc' } },
      ['cookies'],
    ),
    sends(
      'http_basic, in UTF-8',
      { type: 'http_basic', username: 'me', password: 'pä:ss' },
      { headers: { authorization: 'Basic bWU6cMOkOnNz' } },
    ),
    sends(
      'a function of your own',
      (request: { headers: Headers }) => {
        request.headers.set('x-signature', 'signed')
        return request
      },
      { headers: { 'x-signature': 'signed' } },
    ),
    ...oauth,
    ...['', 'a\n', 'ключ'].map(
      (token, i): Case => ({
        name: `a secret that no header can hold is refused, and nothing is sent: ${['empty', 'a line break', 'Cyrillic'][i]}`,
        async run({ api }) {
          await fails(api.read(once, { auth: { token } }), 'secret_invalid')
          equal(await api.log(), [])
        },
      }),
    ),
  ],
}
