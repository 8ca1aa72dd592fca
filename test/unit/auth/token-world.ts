import {
  type AuthConfig,
  createAuth,
  type OAuth2ClientCredentialsOptions,
  type OAuth2RefreshTokenOptions,
} from '../../../src/auth/index.ts'
import type { ResponseAction } from '../../../src/config/resolved.ts'
import { createHttpClient } from '../../../src/http/client.ts'
import type { RequestSpec } from '../../../src/http/request.ts'
import { fakeClock } from '../../support/clock.ts'
import { client, fakeMeter, json, type Recorded, recorded, spec } from '../http/fake.ts'

export const TOKEN_URL = 'https://auth.example.com/oauth/token'

export type Reply = (request: Recorded, times: number) => Response | Promise<Response>

/** A client of an API, and the token endpoint of that API: what both were asked, and what they answer. */
export function world(config: AuthConfig, token: Reply, api: Reply = () => json([])) {
  const clock = fakeClock()
  const tokens: Recorded[] = []
  const requests: Recorded[] = []
  const fetch = async (url: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted()
    const request = await recorded(url, init)
    const [log, reply] = url === TOKEN_URL ? [tokens, token] : [requests, api]
    log.push(request)
    return reply(request, log.length)
  }
  const resolved = client({ auth: createAuth(config) })
  const http = createHttpClient(resolved, { ...clock, fetch, random: () => 0.5 })
  const { meter, log } = fakeMeter()
  const start = (signal?: AbortSignal, request: Partial<RequestSpec> = {}, actions: ResponseAction[] = []) =>
    http.send(spec(request), { auth: resolved.auth, actions, meter, signal })
  return { clock, tokens, requests, log, start, send: (signal?: AbortSignal) => clock.run(start(signal)) }
}

export const granted =
  (fields: Record<string, unknown> = {}): Reply =>
  (_, times) =>
    json({ access_token: `A${times}`, ...fields })
export const CLIENT: OAuth2ClientCredentialsOptions = {
  type: 'oauth2_client_credentials',
  accessTokenUrl: TOKEN_URL,
  clientId: 'cid',
  clientSecret: 'sec',
}
export const USER: OAuth2RefreshTokenOptions = {
  type: 'oauth2_refresh_token',
  accessTokenUrl: TOKEN_URL,
  clientId: 'cid',
  refreshToken: 'R0',
}
export const used = (requests: Recorded[]) => requests.map(({ headers }) => headers.authorization)
export const form = (request: Recorded | undefined) => Object.fromEntries(new URLSearchParams(request?.body))

export const inForm = (text: string) =>
  new Response(text, { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } })
