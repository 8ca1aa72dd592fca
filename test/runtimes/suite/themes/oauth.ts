import { equal, fails, ok } from '../assert.ts'
import { es256 } from '../keys.ts'
import type { Case, World } from '../suite.ts'

const SECRET = 's3cret+/='
const PAGE = [{ json: [{ id: 1 }] }]
const once = { paginator: 'single_page' }

const token = (n: number, more: object = {}) => ({
  json: { access_token: `token-${n}`, token_type: 'Bearer', ...more },
})
const form = (body: string) => Object.fromEntries(new URLSearchParams(body))

/** The requests for a token, and the `authorization` of the others. */
async function exchanged({ api }: World) {
  const log = await api.log()
  return {
    forms: log.filter(({ path }) => path === '/token').map(({ body }) => form(body)),
    tokens: log.filter(({ path }) => path === '/token').map(({ headers }) => headers.authorization),
    signed: log.filter(({ path }) => path !== '/token').map(({ headers }) => headers.authorization),
  }
}

const credentials = ({ api }: World, more: object = {}) => ({
  type: 'oauth2_client_credentials',
  accessTokenUrl: `${api.base}/token`,
  clientId: 'me',
  clientSecret: SECRET,
  ...more,
})

/** The schemes that fetch a token first. */
export const oauth: Case[] = [
  {
    name: 'oauth2_client_credentials: one token for all requests, renewed on a 401',
    async run(world) {
      const { api } = world
      const page = (id: number, next: string | null) => ({ json: { data: [{ id }], next } })
      await api.serves({
        '/token': [token(1), token(2)],
        '/items': [page(1, `${api.base}/b`)],
        '/b': [{ status: 401 }, page(2, null)],
      })
      const endpoint = { paginator: { type: 'json_link' }, dataSelector: 'data' }
      equal(await api.read(endpoint, { auth: credentials(world) }), [{ id: 1 }, { id: 2 }])
      const { forms, signed } = await exchanged(world)
      equal(forms[0], { grant_type: 'client_credentials', client_id: 'me', client_secret: SECRET })
      equal(forms.length, 2)
      equal(signed, ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
    },
  },
  {
    name: 'oauth2_client_credentials with HTTP Basic',
    async run(world) {
      await world.api.serves({ '/token': [token(1)], '/items': PAGE })
      await world.api.read(once, { auth: credentials(world, { clientAuthentication: 'basic' }) })
      const { forms, tokens } = await exchanged(world)
      equal(forms, [{ grant_type: 'client_credentials' }])
      equal(tokens, [`Basic ${btoa(`me:${encodeURIComponent(SECRET)}`)}`])
    },
  },
  {
    name: 'oauth2_refresh_token hands out the next refresh token',
    async run(world) {
      await world.api.serves({ '/token': [token(1, { refresh_token: 'next' })], '/items': PAGE })
      const kept: string[] = []
      const auth = {
        type: 'oauth2_refresh_token',
        accessTokenUrl: `${world.api.base}/token`,
        clientId: 'me',
        refreshToken: SECRET,
        onRefreshToken: (next: string) => void kept.push(next),
      }
      await world.api.read(once, { auth })
      equal([kept, (await exchanged(world)).signed], [['next'], ['Bearer token-1']])
    },
  },
  {
    name: 'oauth_jwt signs with WebCrypto, and the signature is valid',
    async run(world) {
      await world.api.serves({ '/token': [token(1)], '/items': PAGE })
      const { pem, verify } = await es256()
      const auth = {
        type: 'oauth_jwt',
        accessTokenUrl: `${world.api.base}/token`,
        clientId: 'robot',
        privateKey: pem,
        algorithm: 'ES256',
      }
      await world.api.read(once, { auth })
      const { forms, signed } = await exchanged(world)
      equal(signed, ['Bearer token-1'])
      ok(await verify(forms[0]?.assertion ?? ''), 'the signature is not valid')
    },
  },
  {
    name: 'a token endpoint that refuses is auth_failed',
    async run(world) {
      await world.api.serves({ '/token': [{ status: 400, json: { error: 'invalid_client' } }], '/items': PAGE })
      const error = await fails(world.api.read(once, { auth: credentials(world) }), 'auth_failed')
      ok(error.message.includes('invalid_client'), error.message)
      equal((await exchanged(world)).signed, [])
    },
  },
]
