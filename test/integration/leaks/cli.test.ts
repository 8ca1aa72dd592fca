import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { leaksAmong } from '../../support/canaries.ts'
import { httpServer } from '../loopback.ts'
import { CONFIGURED, PERSONAL, SECRETS } from './canaries.ts'

const folder = mkdtempSync(join(tmpdir(), 'syncline-leaks-cli-'))
let files = 0
let paths = 0

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`leak scan of the command: ${paths} runs, 0 hits\n`)
})

const SHOWN = { ...SECRETS, ...CONFIGURED, ...PERSONAL }
/** In files, rows may have what the API says about people; nothing else may. */
const STORED = { ...SECRETS, param: CONFIGURED.param, staticHeader: CONFIGURED.staticHeader }

/** Runs a command within this process, and gives all that it prints. */
async function syncline(args: string[], env: Record<string, string> = {}): Promise<{ code: number; text: string }> {
  const printed: string[] = []
  const io = {
    out: async (text: string) => void printed.push(text),
    err: (text: string) => void printed.push(text),
    env,
    signal: new AbortController().signal,
    terminal: undefined,
    columns: undefined,
  }
  paths++
  return { code: await run(args, io), text: printed.join('\n') }
}

const AUTH: Record<string, object> = {
  'query key': { type: 'api_key', name: 'appid', apiKey: '$KEY', location: 'query' },
  bearer: { type: 'bearer', token: '$TOKEN' },
  basic: { type: 'http_basic', username: '$USER_NAME', password: '$PASSWORD' },
  'client credentials': { type: 'oauth2_client_credentials', clientId: 'c', clientSecret: '$CLIENT_SECRET' },
  'refresh token': { type: 'oauth2_refresh_token', clientId: 'c', refreshToken: '$REFRESH_TOKEN' },
}

const ENV = {
  KEY: SECRETS.queryKey,
  TOKEN: SECRETS.bearer,
  USER_NAME: SECRETS.basicUser,
  PASSWORD: SECRETS.basicPassword,
  CLIENT_SECRET: SECRETS.clientSecret,
  REFRESH_TOKEN: SECRETS.refreshToken,
  HEADER: CONFIGURED.staticHeader,
  PARAM: CONFIGURED.param,
  SYNCLINE_DEBUG: '1',
}

type Fault = (request: IncomingMessage, response: ServerResponse, echo: string) => void

const FAULTS: Record<string, Fault> = {
  nothing: (request, response) => page(response, request.url?.includes('page=2') ? null : '/people?page=2'),
  'status 401': (_, response, echo) => response.writeHead(401).end(echo),
  'status 500': (_, response, echo) => response.writeHead(500).end(echo),
  'status 429': (_, response, echo) => response.writeHead(429).end(echo),
  'broken JSON': (_, response, echo) => response.end(`{"data":[${JSON.stringify(echo)},`),
  HTML: (_, response, echo) => response.end(`<html>${echo}`),
  'an error with 200': (_, response, echo) => response.end(JSON.stringify({ error: echo })),
  'a lost connection': (request) => request.socket.destroy(),
  'a body that breaks off': (_, response, echo) => {
    response.writeHead(200, { 'content-length': 9999 }).write(echo)
    setImmediate(() => response.destroy())
  },
  'a redirect elsewhere': (_, response, echo) =>
    response.writeHead(302, { location: `https://evil.example/?${new URLSearchParams({ echo })}` }).end(),
  'a link elsewhere': (_, response, echo) => page(response, `https://evil.example/?${new URLSearchParams({ echo })}`),
  'a link with secrets': (_, response, echo) => page(response, `/people?${new URLSearchParams({ back: echo })}`),
  'records without a key': (_, response) => response.end(JSON.stringify({ data: [{ email: PERSONAL.email }] })),
}

function page(response: ServerResponse, next: string | null) {
  const id = next === null ? 'a' : 'b'
  response.end(JSON.stringify({ data: [{ id, email: PERSONAL.email, at: PERSONAL.body }], next }))
}

async function setUp(fault: Fault, auth: object, token: 'granted' | 'refused' = 'granted') {
  const { origin } = await httpServer((request, response) => {
    const echo = `${JSON.stringify([request.url, request.headers])} ${Object.values(SECRETS).join(' ')} ${PERSONAL.body}`
    if (request.url !== '/token') return fault(request, response, echo)
    const granted = { access_token: SECRETS.accessToken, refresh_token: SECRETS.rotatedToken }
    const refused = { error: echo, error_description: echo }
    response.writeHead(token === 'granted' ? 200 : 400).end(JSON.stringify(token === 'granted' ? granted : refused))
  })
  const oauth = String((auth as { type: string }).type).startsWith('oauth') ? { accessTokenUrl: `${origin}/token` } : {}
  const config = {
    name: 'people',
    client: {
      baseUrl: origin,
      auth: { ...auth, ...oauth },
      headers: { 'x-a': '$HEADER' },
      retry: { retries: 1, factor: 0.01 },
    },
    resources: [
      {
        name: 'people',
        primaryKey: 'id',
        endpoint: { path: '/people', params: { like: '$PARAM' }, dataSelector: 'data', paginator: 'json_link' },
      },
    ],
  }
  const file = join(folder, `${++files}.json`)
  const copy = join(folder, String(files))
  writeFileSync(file, JSON.stringify(config))
  return { file, copy }
}

function bytesIn(copy: string): string {
  return readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`)
    .join('\n')
}

const cases = Object.keys(FAULTS).flatMap((fault) => Object.keys(AUTH).map((auth) => [fault, auth] as const))

test.each(cases)('no command shows or stores a secret: %s, signed by %s', async (fault, auth) => {
  const { file, copy } = await setUp(FAULTS[fault] as Fault, AUTH[auth] as object)
  const failed = await syncline(['sync', file, '--to', copy], ENV)
  expect(failed.code, failed.text).toBe(fault === 'nothing' ? 0 : 1)
  const runs = [failed, await syncline(['sync', file, '--to', copy, '--json'], ENV)]
  for (const more of [[], ['--json']]) {
    runs.push(await syncline(['check', file, ...more], ENV))
    runs.push(await syncline(['show', '--from', copy, ...more], ENV))
    runs.push(await syncline(['schema', '--from', copy, ...more], ENV))
  }
  expect(leaksAmong(SHOWN, ...runs.map(({ text }) => text))).toEqual([])
  expect(leaksAmong(STORED, bytesIn(copy))).toEqual([])
})

test.each(['client credentials', 'refresh token'])('nor does one that gets no token: %s', async (auth) => {
  const { file, copy } = await setUp(FAULTS.nothing as Fault, AUTH[auth] as object, 'refused')
  const runs = [await syncline(['sync', file, '--to', copy], ENV), await syncline(['check', file], ENV)]
  expect(runs.map(({ code }) => code)).toEqual([1, 1])
  expect(runs[0]?.text).toContain('auth_failed')
  expect(leaksAmong(SHOWN, ...runs.map(({ text }) => text))).toEqual([])
  expect(leaksAmong(STORED, bytesIn(copy))).toEqual([])
})

const spoken = Object.values({ ...SECRETS, ...PERSONAL }).join(' ')
const thrown = `Object.assign(new Error(${JSON.stringify(spoken)}), { code: ${JSON.stringify(spoken)} })`

const moduleWith = (client: string, endpoint: string) => `
  const fail = () => { throw ${thrown} }
  export default {
    name: 'people',
    client: { baseUrl: 'ORIGIN', ${client} },
    resources: [{ name: 'people', primaryKey: 'id', endpoint: { ${endpoint} } }],
  }`

test.each([
  ['that throws', `throw ${thrown}`],
  ['that throws a text', `throw ${JSON.stringify(spoken)}`],
  ['that throws an error with a name', `throw Object.assign(${thrown}, { name: ${JSON.stringify(spoken)}, code: 1 })`],
  ['that is broken', `export default ${JSON.stringify(spoken)}x`],
  ['without a config', `export default ${JSON.stringify(spoken)}`],
  ['whose secret throws', moduleWith('auth: { token: fail }', '')],
  ['whose auth throws', moduleWith('auth: fail', '')],
  ['whose selector throws', moduleWith('', 'dataSelector: fail')],
  ['whose action throws', moduleWith('', 'responseActions: [fail]')],
  [
    'whose paginator throws',
    moduleWith('', 'paginator: { start: () => ({}), apply: (request) => request, next: fail }'),
  ],
])('nor does a module %s', async (_, text) => {
  const { origin } = await httpServer((_, response) => page(response, null))
  const file = join(folder, `${++files}.mjs`)
  writeFileSync(file, text.replace('ORIGIN', origin))
  const { code, text: shown } = await syncline(['sync', file, '--to', join(folder, `${files}-copy`)], ENV)
  expect([code > 0, leaksAmong(SHOWN, shown)]).toEqual([true, []])
})
