import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { memoryStore } from '../../adapters/memory.ts'
import { createClient, defineSource, sync } from '../../src/index.ts'

if (process.argv[2] === 'schema') {
  await import('./schema.ts')
  process.exit()
}

/** Compares in one run, on one machine: ratios mean something, single figures do not. */
const RECORDS = 100_000
const PAGE = 1000
const ROUNDS = 5

async function bare(base: string): Promise<number> {
  let records = 0
  for (let offset = 0; offset < RECORDS; offset += PAGE) {
    const response = await fetch(`${base}/items?offset=${offset}&limit=${PAGE}`)
    records += (JSON.parse(await response.text()) as { data: unknown[] }).data.length
  }
  return records
}

async function paginate(base: string): Promise<number> {
  const client = createClient({ baseUrl: base })
  let records = 0
  const endpoint = { path: '/items', dataSelector: 'data', paginator: { type: 'offset', limit: PAGE } } as const
  for await (const page of client.paginate(endpoint)) records += page.records.length
  return records
}

function source(base: string) {
  return defineSource({
    name: 'bench',
    client: { baseUrl: base },
    resources: [
      {
        name: 'items',
        primaryKey: 'id',
        endpoint: { path: '/items', dataSelector: 'data', paginator: { type: 'offset', limit: PAGE } },
      },
    ],
  })
}

async function mergeIntoMemory(base: string): Promise<number> {
  const report = await sync(source(base), memoryStore())
  return report.resources.items?.added ?? 0
}

/** The first load, then the same again: nothing has changed, nothing is written. */
async function mergeIntoFiles(base: string, again: { ms: number }[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'))
  try {
    const store = filesystemStore(folder)
    const report = await sync(source(base), store)
    const start = performance.now()
    const second = await sync(source(base), store)
    again.push({ ms: performance.now() - start })
    if (second.resources.items?.unchanged !== RECORDS) throw new Error('the second run found changes')
    return report.resources.items?.added ?? 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const server = fork(new URL('./server.ts', import.meta.url), { stdio: 'inherit' })
const { port } = await new Promise<{ port: number }>((resolve) =>
  server.once('message', (message) => resolve(message as { port: number })),
)
const base = `http://127.0.0.1:${port}`
const again: { ms: number }[] = []
const contenders: [string, (base: string) => Promise<number>][] = [
  ['fetch + JSON.parse', bare],
  ['createClient().paginate', paginate],
  ['sync into memory', mergeIntoMemory],
  ['sync into files, every commit fsynced', (url) => mergeIntoFiles(url, again)],
]
const times = new Map<string, number[]>()
/** Processor time, which other work on the machine changes less than wall time. */
const cpu = new Map<string, number[]>()
const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, run] of contenders) {
    const start = performance.now()
    const busy = cpuMs()
    const records = await run(base)
    const ms = performance.now() - start
    if (round >= 0) cpu.set(name, [...(cpu.get(name) ?? []), cpuMs() - busy])
    if (records !== RECORDS) throw new Error(`${name} got ${records} of ${RECORDS} records`)
    // The first round warms up. What files need for the second run is measured apart.
    if (round >= 0)
      times.set(name, [...(times.get(name) ?? []), ms - (name.includes('files') ? (again.at(-1)?.ms ?? 0) : 0)])
  }
}
times.set(
  'sync into files again, nothing changed',
  again.slice(1).map(({ ms }) => ms),
)
const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const limit = median(times.get('fetch + JSON.parse') ?? [])
const cpuLimit = median(cpu.get('fetch + JSON.parse') ?? [])
console.log(`${RECORDS} records, ${PAGE} a page, median of ${ROUNDS} rounds; ratios to the first line, 1 is as fast\n`)
for (const [name, list] of times) {
  const ms = median(list)
  const busy = median(cpu.get(name) ?? [])
  const columns = [
    `${ms.toFixed(0).padStart(6)} ms`,
    `${((ms * 1000) / RECORDS).toFixed(2).padStart(6)} µs/record`,
    `${(limit / ms).toFixed(2)} by the clock`,
    busy > 0 ? `${(cpuLimit / busy).toFixed(2)} by processor time` : '',
  ]
  console.log(`${name.padEnd(40)} ${columns.join('  ')}`)
}
server.disconnect()
