import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { createClient, extract, isSynclineError, type ParseFunction, sync } from '../../src/index.ts'
import type { JsonObject, JsonValue } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { itemsIn, itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, type Reply } from '../support/server.ts'
import { httpServer, rawServer } from './loopback.ts'

/** One record a line; none is cut, and as many bytes came as were sent. */
const ndjson: ParseFunction = (text, { whole, json }) => ({
  body: text.split('\n').filter(Boolean).map(json),
  ended: whole === true && /\n$|^$/.test(text),
})

function rowsOf(lines: readonly string[]): JsonObject[] {
  const [names = [], ...rows] = lines.map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? null])))
}

/** The last line says how many rows there are. */
const csvWithTrailer: ParseFunction = (text) => {
  const lines = text.split('\n').filter(Boolean)
  const body = rowsOf(lines.slice(0, -1))
  return { body, ended: lines.at(-1) === `#rows=${body.length}` }
}

const csvWithLength: ParseFunction = (text, { whole }) => ({
  body: rowsOf(text.split('\n').filter(Boolean)),
  ended: whole === true,
})

/** A header says how many records there are. */
const ndjsonWithCount: ParseFunction = (text, { headers, json }) => {
  const body = text.split('\n').filter(Boolean).map(json)
  return { body, ended: headers.get('x-rows') === String(body.length) }
}

// Cut numbers are other numbers, cut names are other names, and some characters take several bytes.
const RECORDS = Array.from({ length: 7 }, (_, at) => ({ id: `${at * 1111}`, name: `naïve ${'ü€😀'.repeat(at % 3)}` }))
const CSV = `id,name\n${RECORDS.map(({ id, name }) => `${id},${name}\n`).join('')}`
const NDJSON = RECORDS.map((record) => `${JSON.stringify(record)}\n`).join('')
const NUMBERS = '1\n22\n333\n'

const FIXTURES: [
  name: string,
  text: string,
  parse: ParseFunction,
  records: JsonValue[],
  headers: Record<string, string>,
][] = [
  ['NDJSON', NDJSON, ndjson, RECORDS, {}],
  ['NDJSON of numbers', NUMBERS, ndjson, [1, 22, 333], {}],
  ['NDJSON with a count', NDJSON, ndjsonWithCount, RECORDS, { 'x-rows': '7' }],
  ['CSV with a trailer', `${CSV}#rows=7\n`, csvWithTrailer, RECORDS, {}],
  ['CSV with a length', CSV, csvWithLength, RECORDS, {}],
]

/** Waits between attempts are skipped. */
const client = (fetch: (url: string, init?: RequestInit) => Promise<Response>, baseUrl = 'https://api.example.com') =>
  createClient({ baseUrl, retry: { retries: 1 } }, { ports: { fetch, sleep: async () => {} } })

type Outcome = { records: JsonValue[] } | { code: string; retryable: boolean | undefined }

async function read({ paginate }: ReturnType<typeof client>, parse: ParseFunction): Promise<Outcome> {
  const records: JsonValue[] = []
  try {
    const headers = { accept: 'text/csv' }
    for await (const page of paginate({ path: '/export', paginator: 'single_page', dataSelector: '$', headers, parse }))
      records.push(...page.records)
    return { records }
  } catch (error) {
    if (!isSynclineError(error)) throw error
    return { code: error.code, retryable: error.retryable }
  }
}

const CUT = { code: 'invalid_json', retryable: true }

test.each(FIXTURES)('%s, cut at every byte: the whole page or an error', async (_, text, parse, records, own) => {
  const bytes = new TextEncoder().encode(text)
  const lengths = { known: { 'content-length': `${bytes.length}` }, unknown: {} }
  for (const [length, headers] of Object.entries(lengths)) {
    let whole = 0
    for (let end = 0; end <= bytes.length; end++) {
      const server = fakeServer(() => new Response(bytes.slice(0, end), { headers: { ...own, ...headers } }))
      const outcome = await read(client(server.fetch), parse)
      if ('records' in outcome) whole++
      expect({ end, outcome }).toEqual({ end, outcome: 'records' in outcome ? { records } : CUT })
      expect(server.requests).toHaveLength('records' in outcome ? 1 : 2)
      expect(server.requests[0]?.headers.accept).toBe('text/csv')
    }
    // Without its length some proofs cannot be made; only the line break at the very end may go without loss.
    expect(whole).toBeLessThanOrEqual(2)
    expect(whole > 0).toBe(length === 'known' || (parse !== ndjson && parse !== csvWithLength))
  }
})

test('a parse function that takes every text would lose records: the cuts above are real', async () => {
  const naive: ParseFunction = (text) => ({ body: rowsOf(text.split('\n').filter(Boolean)), ended: true })
  const server = fakeServer(() => new Response(CSV.slice(0, 60)))
  const outcome = await read(client(server.fetch), naive)
  expect('records' in outcome && outcome.records.length).toBeLessThan(RECORDS.length)
})

test('a page that was cut once is whole the next time', async () => {
  const bytes = new TextEncoder().encode(CSV)
  for (const end of [0, 7, 8, 60, bytes.length - 1]) {
    const replies = [bytes.slice(0, end), bytes]
    const headers = { 'content-length': `${bytes.length}` }
    const server = fakeServer(() => new Response(replies.shift(), { headers }))
    expect(await read(client(server.fetch), csvWithLength)).toEqual({ records: RECORDS })
  }
})

test('a gzip body over a real connection, cut at every byte: the whole page or an error', async () => {
  const packed = gzipSync(`${CSV}#rows=7\n`)
  let end = 0
  const server = await rawServer((socket) => {
    const head = ['HTTP/1.1 200 OK', 'Content-Encoding: gzip', `Content-Length: ${end}`, 'Connection: close', '', '']
    socket.write(head.join('\r\n'))
    socket.end(packed.subarray(0, end))
  })
  const { fetch } = globalThis
  const whole: number[] = []
  for (end = 0; end <= packed.length; end++) {
    const outcome = await read(client(fetch, server.origin), csvWithTrailer)
    if ('records' in outcome) whole.push(end)
    else expect(['invalid_json', 'network']).toContain(outcome.code)
    if ('records' in outcome) expect(outcome.records).toEqual(RECORDS)
  }
  // The checksum at the end of gzip, which no runtime needs for the text, may be missing.
  expect(whole).toContain(packed.length)
  expect(whole[0]).toBeGreaterThanOrEqual(packed.length - 10)
})

test('over a real connection a length proves the end, and gzip hides it: the request can ask for no coding', async () => {
  const server = await httpServer(({ headers }, response) => {
    const packed = /gzip/.test(String(headers['accept-encoding'])) ? gzipSync(NDJSON) : undefined
    response.writeHead(200, {
      'content-length': packed?.length ?? Buffer.byteLength(NDJSON),
      ...(packed && { 'content-encoding': 'gzip' }),
    })
    response.end(packed ?? NDJSON)
  })
  const { paginate } = client(globalThis.fetch, server.origin)
  const pages = async (headers: Record<string, string>) => {
    const all: JsonValue[] = []
    for await (const page of paginate({ path: '/', paginator: 'single_page', headers, parse: ndjson }))
      all.push(...page.records)
    return all
  }
  await expect(pages({ 'accept-encoding': 'gzip' })).rejects.toMatchObject({ code: 'invalid_json' })
  expect(await pages({ 'accept-encoding': 'identity' })).toEqual(RECORDS)
})

test('over a real connection a body until the close proves nothing by its length', async () => {
  const server = await rawServer((socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${NDJSON.slice(0, -1)}\n`))
  expect(await read(client(globalThis.fetch, server.origin), ndjson)).toMatchObject(CUT)
})

/** Pages of NDJSON by offset. `fault` stands in for the answer to a request. */
function exportApi(rows: readonly JsonObject[], fault: (text: string, index: number) => Reply | undefined) {
  const server = fakeServer(({ query }) => {
    const from = Number(query.offset)
    const text = rows
      .slice(from, from + 10)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
    return fault(text, server.requests.length - 1) ?? whole(text)
  })
  return server
}

const whole = (text: string, sent = text) =>
  new Response(sent, { headers: { 'content-type': 'application/x-ndjson', 'content-length': `${text.length}` } })
const manyRows = Array.from({ length: 35 }, (_, at) => ({ id: at + 1, name: `row ${at + 1}` }))

const source = itemsSource(
  {},
  {
    parse: ndjson,
    dataSelector: undefined,
    incremental: undefined,
    paginator: { type: 'offset', limit: 10, totalPath: null },
  },
  { retry: { retries: 1 } },
)

test('a sync stops at a page that was cut between two records, and the next one goes on there', async () => {
  const cut = (text: string) => whole(text, text.slice(0, text.indexOf('\n', text.length / 2) + 1))
  const api = exportApi(manyRows, (text, index) => (index === 2 || index === 3 ? cut(text) : undefined))
  const store = memoryStore()
  const ports = fakePorts({ fetch: api.fetch })
  await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'invalid_json', resource: 'items' })
  expect(await itemsIn(store, source)).toEqual(manyRows.slice(0, 20))

  const report = await sync(source, store, { ports })
  expect(report).toMatchObject({ status: 'done', resources: { items: { added: 15, complete: true } } })
  expectBalance(report)
  expect(await itemsIn(store, source)).toEqual(manyRows)
  expect(api.requests.map(({ query }) => query.offset)).toEqual(['0', '10', '20', '20', '20', '30', '35'])
})

test('an integer that a number cannot hold goes to quarantine alone', async () => {
  const big = '{"id":9007199254740993}\n'
  const api = exportApi(manyRows, (text, index) => (index === 0 ? whole(big + text) : undefined))
  const report = await sync(source, memoryStore(), { ports: fakePorts({ fetch: api.fetch }) })
  expect(report.resources.items).toMatchObject({ added: 35, quarantined: 1 })
})

test('extract and request read with it as well', async () => {
  const api = exportApi(manyRows, () => undefined)
  const ports = fakePorts({ fetch: api.fetch })
  const rows: unknown[] = []
  for await (const page of extract(source, { ports })) rows.push(...page.rows)
  expect(rows).toEqual(manyRows)
  const { request } = createClient({ baseUrl: 'https://api.example.com' }, { ports })
  expect(await request({ path: 'items', params: { offset: 30 }, parse: ndjson })).toEqual(manyRows.slice(30))
})
