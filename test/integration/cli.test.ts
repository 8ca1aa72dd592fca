import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDemoApi, type DemoApi } from '../../playground/demo-api/demo-api.ts'
import type { Fault } from '../../playground/demo-api/faults.ts'
import { type DemoServer, serve } from '../../playground/demo-api/server.ts'
import type { JsonObject } from '../../src/json.ts'
import { buildCli, type Cli, type Ended } from './cli-process.ts'

const KEY = 'a-very-secret-key'
const SIZES = { customers: 3, calls: 120, messages: 10, transactions: 450 }

let cli: Cli
let api: DemoApi
let server: DemoServer
/** Each test has its own copy. */
let copy: string
let copies = 0

beforeAll(async () => {
  cli = await buildCli()
})

beforeEach(async () => {
  await start()
  copy = `copy-${++copies}`
  return () => server.close()
})

afterAll(() => cli.remove())

async function start(options: { latencyMs?: number } = {}) {
  api = createDemoApi({ apiKey: KEY, sizes: SIZES, ...options })
  server = await serve(api)
}

interface Changes {
  client?: JsonObject
  endpoint?: JsonObject
  resource?: JsonObject
}

function config({ client, endpoint, resource }: Changes = {}): JsonObject {
  return {
    name: 'crm',
    client: {
      baseUrl: server.origin,
      auth: { type: 'api_key', name: 'api_key', apiKey: '$CRM_KEY', location: 'query' },
      retry: { retries: 1, factor: 0.01 },
      ...client,
    },
    resources: [
      {
        name: 'transactions',
        primaryKey: 'id',
        endpoint: {
          path: '/v1/transactions',
          dataSelector: 'data',
          paginator: { type: 'offset', limit: 100 },
          ...endpoint,
        },
        ...resource,
      },
    ],
  }
}

const env = { CRM_KEY: KEY }

/** Runs the command, and checks what holds for every run: no secret, no stack, nothing that moves. */
async function syncline(...args: string[]): Promise<Ended> {
  return plain(await cli.run(args, env))
}

function plain(ended: Ended): Ended {
  const all = ended.stdout + ended.stderr
  expect(all).not.toContain(KEY)
  expect(all).not.toContain('\u001b')
  expect(all).not.toMatch(/^\s+at /m)
  return ended
}

async function rowsStored(): Promise<number> {
  const { code, stdout } = await syncline('show', '--from', copy, '--json')
  return code === 0 ? (JSON.parse(stdout).transactions ?? 0) : 0
}

test('--version says the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(await syncline('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('sync brings everything, prints a report, and says on stderr what it did', async () => {
  const file = cli.write('crm.json', config())
  const { code, stdout, stderr } = await syncline('sync', file, '--to', copy)
  expect(code).toBe(0)
  expect(stdout.split('\n')[0]).toMatch(/^resource +status +requests +pages +received +added/)
  expect(stdout).toMatch(/^transactions +done +5 +5 +450 +450 /m)
  expect(stderr).toContain('transactions: done, 450 records in 5 pages')
  expect(await rowsStored()).toBe(450)
})

test('--json prints nothing but the report, --quiet nothing else', async () => {
  const file = cli.write('crm.json', config())
  const { code, stdout, stderr } = await syncline('sync', file, '--to', copy, '--json', '--quiet')
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    dataset: 'crm',
    status: 'done',
    resources: { transactions: { status: 'done', received: 450, added: 450, complete: true } },
  })
})

test('a second sync finds what changed, a full one also what was deleted', async () => {
  const incremental = { cursorPath: 'updated_at', startParam: 'updated_since', initialValue: '2024-01-01T00:00:00Z' }
  const file = cli.write('crm.json', config({ endpoint: { incremental } }))
  const sync = async (...more: string[]) =>
    JSON.parse((await syncline('sync', file, '--to', copy, '--json', ...more)).stdout).resources.transactions
  await sync()
  api.database.update('transactions', 't_000010', { amount: 1 })
  api.database.remove('transactions', 't_000020')
  expect(await sync()).toMatchObject({ updated: 1, added: 0, swept: 0 })
  expect(await rowsStored()).toBe(450)
  expect(await sync('--full')).toMatchObject({ updated: 0, unchanged: 449, swept: 1 })
  expect(await rowsStored()).toBe(449)
})

test('a full sync that would remove most of a table asks first, and goes on with the token', async () => {
  const file = cli.write('crm.json', config())
  await syncline('sync', file, '--to', copy)
  for (let i = 1; i <= 300; i++) api.database.remove('transactions', `t_${String(i).padStart(6, '0')}`)
  const asked = await syncline('sync', file, '--to', copy, '--full')
  expect([asked.code, await rowsStored()]).toEqual([1, 450])
  const token = /--full --confirm (\S+)$/m.exec(asked.stderr)?.[1] ?? ''
  expect((await syncline('sync', file, '--to', copy, '--full', '--confirm', `${token}x`)).code).toBe(1)
  expect(await rowsStored()).toBe(450)
  expect((await syncline('sync', file, '--to', copy, '--full', '--confirm', token)).code).toBe(0)
  expect(await rowsStored()).toBe(150)
})

test('--resource and --limit bound a first try', async () => {
  const base = config()
  const calls = { name: 'calls', primaryKey: 'id', endpoint: { path: '/v1/calls', dataSelector: 'data' } }
  const file = cli.write('crm.json', { ...base, resources: [calls, ...(base.resources as JsonObject[])] })
  const { code } = await syncline('sync', file, '--to', copy, '--resource', 'transactions', '--limit', '150')
  expect(code).toBe(0)
  expect(api.log.map(({ path }) => path)).not.toContain('/v1/calls')
  expect(await rowsStored()).toBeLessThan(450)
})

test('a module is a config as well', async () => {
  const source = JSON.stringify(config({ client: { auth: null } })).replace('"auth":null', '"auth":null')
  const auth = `{ type: 'api_key', name: 'api_key', location: 'query', apiKey: () => process.env.CRM_KEY }`
  const file = cli.write('crm.mjs', `export default ${source.replace('"auth":null', `"auth":${auth}`)}`)
  expect((await syncline('sync', file, '--to', copy)).code).toBe(0)
  expect(await rowsStored()).toBe(450)
})

test('a dlt dict is a config as well', async () => {
  const file = cli.write('dlt.json', {
    client: {
      base_url: server.origin,
      auth: { type: 'api_key', name: 'api_key', api_key: '$CRM_KEY', location: 'query' },
      paginator: { type: 'offset', limit: 100 },
    },
    resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
    resources: [{ name: 'transactions', endpoint: { path: 'v1/transactions', data_selector: 'data' } }],
  })
  expect((await syncline('sync', file, '--to', copy)).code).toBe(0)
  expect((await syncline('sync', file, '--to', copy)).code).toBe(0)
  expect(await rowsStored()).toBe(450)
})

test.each<[string, () => string[], string, RegExp]>([
  ['no command', () => ['sink'], 'config_invalid', /syncline help/],
  ['no folder', () => ['sync', 'crm.json'], 'config_invalid', /syncline help/],
  ['no such file', () => ['sync', 'nowhere.json', '--to', copy], 'config_invalid', /path/],
  ['no copy', () => ['show', '--from', 'nowhere'], 'config_invalid', /sync/],
  [
    'broken JSON',
    () => ['sync', cli.write('x.json', `{\n "key": "${KEY}",\n}`), '--to', copy],
    'config_invalid',
    /comma/,
  ],
  [
    'a module that throws',
    () => ['sync', cli.write('x.mjs', `throw new Error('${KEY}')`), '--to', copy],
    'config_invalid',
    /alone/,
  ],
  [
    'a module without a config',
    () => ['sync', cli.write('y.mjs', 'export const a = 1'), '--to', copy],
    'config_invalid',
    /export default/,
  ],
  ['a variable that is not set', () => ['sync', unset(), '--to', copy], 'config_invalid', /NOT_SET=/],
  ['an unknown key', () => ['sync', unknownKey(), '--to', copy], 'config_invalid', /paginator/],
  [
    'an unknown resource',
    () => ['sync', cli.write('z.json', config()), '--to', copy, '--resource', 'transaction'],
    'config_invalid',
    /transactions/,
  ],
])('exit code 2: %s', async (_, args, errorCode, hint) => {
  const { code, stdout, stderr } = await syncline(...args())
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`Error ${errorCode}: `)
  expect(stderr.split('Hint: ')[1]).toMatch(hint)
  expect(api.log).toEqual([])
})

function unset(): string {
  return cli.write('unset.json', config({ client: { baseUrl: '$NOT_SET' } }))
}

function unknownKey(): string {
  return cli.write('unknown.json', config({ endpoint: { paginatr: 'single_page' } }))
}

const withoutId: Fault = { fromOffset: 200, times: 1, body: JSON.stringify({ data: [{ amount: 1 }], total: 450 }) }

test.each<[string, string, { fault?: Fault; changes?: () => Changes }]>([
  ['an unreachable host', 'network', { changes: () => ({ client: { baseUrl: 'http://127.0.0.1:1' } }) }],
  ['a wrong key', 'http_status', { changes: () => ({ client: { auth: { type: 'bearer', token: 'guess' } } }) }],
  ['401 in mid-run', 'http_status', { fault: { fromOffset: 200, status: 401, body: '{}' } }],
  [
    'HTML with status 200',
    'unexpected_html',
    { fault: { fromOffset: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Sign in' } },
  ],
  ['truncated JSON', 'invalid_json', { fault: { fromOffset: 200, times: 2, body: '{"data":[{"id":"t_0002' } }],
  ['a body without the list', 'selector_empty', { fault: { fromOffset: 200, body: '{"rows":[]}' } }],
  ['a wrong selector', 'selector_empty', { changes: () => ({ endpoint: { dataSelector: 'rows' } }) }],
  ['503 for longer than the retries', 'http_status', { fault: { fromOffset: 200, times: 2, status: 503 } }],
])('exit code 1 and nothing lost: %s', async (_, errorCode, { fault, changes }) => {
  if (fault !== undefined) api.inject({ times: 1, ...fault })
  const file = cli.write('crm.json', config(changes?.()))
  const failed = await syncline('sync', file, '--to', copy, '--json')
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain(`Error ${errorCode}: `)
  expect(failed.stderr).toMatch(/Hint: \w/)
  expect(JSON.parse(failed.stdout).resources.transactions).toMatchObject({
    status: 'failed',
    error: { code: errorCode },
  })
  const kept = await rowsStored()
  expect(kept).toBe(fault === undefined ? 0 : 200)
  const asked = api.log.length
  expect((await syncline('sync', cli.write('crm.json', config()), '--to', copy)).code).toBe(0)
  expect(await rowsStored()).toBe(450)
  if (fault !== undefined) expect(api.log[asked]?.offset).toBe(200)
})

test('a record without an id is kept in quarantine', async () => {
  api.inject(withoutId)
  const { code, stdout, stderr } = await syncline('sync', cli.write('crm.json', config()), '--to', copy, '--json')
  expect(JSON.parse(stdout).resources.transactions.quarantined).toBe(1)
  expect(stderr).toContain('1 row in quarantine (key_column_missing)')
  expect(code).toBe(0)
  const shown = await syncline('show', '_quarantine', '--from', copy, '--json')
  expect(shown.stdout).toContain('"amount":1')
  const replayed = await syncline('replay', cli.write('crm.json', config()), '--to', copy, '--json')
  expect(replayed.code).toBe(1)
  expect(JSON.parse(replayed.stdout).resources.transactions).toMatchObject({ records: 1, kept: 1 })
})

test('Ctrl-C: exit code 130, and the next run goes on where it was', async () => {
  await server.close()
  await start({ latencyMs: 100 })
  const file = cli.write('crm.json', config())
  const thirdPage = async () => {
    while (api.log.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const stopped = plain(await cli.runUntil(thirdPage, ['sync', file, '--to', copy], env))
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toContain('goes on from there')
  const kept = await rowsStored()
  expect(kept).toBeGreaterThan(0)
  expect(kept).toBeLessThan(450)
  const resumed = await syncline('sync', file, '--to', copy)
  expect([resumed.code, resumed.stderr.split('\n')[0]]).toEqual([0, 'Going on where the last run stopped.'])
  // A request that was cut off may be logged late: the resumed run's are the last ones.
  expect(api.log.at(-Math.ceil((450 - kept) / 100))?.offset).toBe(kept)
  expect(await rowsStored()).toBe(450)
})

test('show: tables, rows, one record, and what is not there', async () => {
  await syncline('sync', cli.write('crm.json', config()), '--to', copy)
  expect((await syncline('show', '--from', copy)).stdout).toMatch(/^transactions +450$/m)
  const rows = (await syncline('show', 'transactions', '--from', copy, '--limit', '3')).stdout
  expect(rows).toMatch(/^id +customer_id +transaction_date/)
  expect(rows).toContain('3 of 450 rows')
  const lines = (await syncline('show', 'transactions', '--from', copy, '--limit', '2', '--json')).stdout
    .trim()
    .split('\n')
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(['t_000001', 't_000002'])
  const one = await syncline('show', 'transactions', 't_000007', '--from', copy)
  expect(JSON.parse(one.stdout)).toEqual(api.database.find('transactions', 't_000007'))
  expect((await syncline('show', 'transactions', 't_999999', '--from', copy)).code).toBe(1)
  const missing = await syncline('show', 'transaction', '--from', copy)
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('Tables with rows: transactions')])
})

test('schema: columns, types and nullability', async () => {
  await syncline('sync', cli.write('crm.json', config()), '--to', copy)
  const { stdout } = await syncline('schema', '--from', copy)
  expect(stdout).toMatch(/^id +string +no +yes$/m)
  expect(stdout).toMatch(/^transaction_date +timestamp +no$/m)
  expect(stdout).toMatch(/^amount +number +yes$/m)
  const json = JSON.parse((await syncline('schema', '--from', copy, '--json')).stdout)
  expect(json.transactions.columns.payment).toMatchObject({ type: 'object', nullable: false })
  expect(stdout).toMatch(/^payment\.last4 +string +yes$/m)
})

test('schema --as: code of a table or of all', async () => {
  await syncline('sync', cli.write('crm.json', config()), '--to', copy)
  const typescript = (await syncline('schema', '--from', copy, '--as', 'typescript')).stdout
  expect((await syncline('schema', copy, '--as', 'typescript')).stdout).toBe(typescript)
  expect(typescript).toMatch(/^export interface Transactions \{\n {2}id: string$/m)
  expect(typescript).toMatch(/^ {4}last4: string \| null$/m)
  const valibot = await syncline('schema', 'transactions', '--from', copy, '--as', 'valibot')
  expect(valibot.stdout).toContain('amount: v.nullable(v.number()),')
  const json = await syncline('schema', '--from', copy, '--as', 'json-schema')
  expect(JSON.parse(json.stdout).$defs.transactions.properties.amount).toEqual({ type: ['number', 'null'] })
  const unknown = await syncline('schema', 'transaction', '--from', copy)
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Tables with a schema: transactions')])
  const format = await syncline('schema', '--from', copy, '--as', 'xml')
  expect([format.code, format.stderr]).toEqual([2, expect.stringContaining('typescript, json-schema, valibot')])
})

test('check asks for one page and stores nothing', async () => {
  const good = await syncline('check', cli.write('crm.json', config()))
  expect([good.code, api.log.length]).toEqual([0, 1])
  expect(good.stdout).toMatch(/^transactions +yes/m)
  api.inject({ status: 404, body: '{}' })
  const bad = await syncline('check', cli.write('crm.json', config()), '--json')
  expect(bad.code).toBe(1)
  expect(JSON.parse(bad.stdout)).toMatchObject({
    ok: false,
    resources: { transactions: { error: { code: 'http_status' } } },
  })
})

test('reset says what it would drop, and drops it with --yes', async () => {
  await syncline('sync', cli.write('crm.json', config()), '--to', copy)
  const asked = await syncline('reset', '--from', copy)
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--yes would drop the copy crm')])
  expect(await rowsStored()).toBe(450)
  const done = await syncline('reset', '--from', copy, '--yes')
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('450 rows (transactions 450)')])
  expect(await rowsStored()).toBe(0)
})
