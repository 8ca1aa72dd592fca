import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { memoryStore } from '../../adapters/memory.ts'
import { createClient, defineSource, sync } from '../../src/index.ts'
import { type Figure, median } from './measure.ts'

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

async function intoMemory(base: string): Promise<number> {
  const report = await sync(source(base), memoryStore())
  return report.resources.items?.added ?? 0
}

/** The first load; then, as another contender, the same again: nothing has changed, nothing is written. */
function filesContenders(): [string, (base: string) => Promise<number>][] {
  let folder = ''
  return [
    [
      'sync into files, every commit fsynced',
      async (base) => {
        folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'))
        const report = await sync(source(base), filesystemStore(folder))
        return report.resources.items?.added ?? 0
      },
    ],
    [
      'sync into files again, nothing changed',
      async (base) => {
        const report = await sync(source(base), filesystemStore(folder))
        await rm(folder, { recursive: true, force: true })
        return report.resources.items?.unchanged ?? 0
      },
    ],
  ]
}

export async function runSync(): Promise<Figure[]> {
  const server = fork(new URL('./server.ts', import.meta.url), { stdio: 'inherit' })
  const { port } = await new Promise<{ port: number }>((resolve) =>
    server.once('message', (message) => resolve(message as { port: number })),
  )
  const contenders: [string, (base: string) => Promise<number>][] = [
    ['fetch + JSON.parse', bare],
    ['createClient().paginate', paginate],
    ['sync into memory', intoMemory],
    ...filesContenders(),
  ]
  const taken = new Map(contenders.map(([name]) => [name, { wall: [] as number[], cpu: [] as number[] }]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, run] of contenders) {
      const [start, busy] = [performance.now(), cpuMs()]
      const records = await run(`http://127.0.0.1:${port}`)
      const [wall, cpu] = [performance.now() - start, cpuMs() - busy]
      if (records !== RECORDS) throw new Error(`${name} got ${records} of ${RECORDS} records`)
      if (round < 0) continue // warms up
      taken.get(name)?.wall.push(wall)
      taken.get(name)?.cpu.push(cpu)
    }
  }
  server.disconnect()
  return toFigures(taken)
}

/** Processor time, which other work on the machine changes less than wall time. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function toFigures(taken: Map<string, { wall: number[]; cpu: number[] }>): Figure[] {
  const medians = [...taken].map(([what, { wall, cpu }]) => ({ what, wall: median(wall), cpu: median(cpu) }))
  const [limit = { wall: 0, cpu: 0 }] = medians
  return medians.map(({ what, wall, cpu }) => ({
    what,
    figure: [
      `${wall.toFixed(0).padStart(5)} ms`,
      `${((wall * 1000) / RECORDS).toFixed(2).padStart(6)} µs/record`,
      `${(limit.wall / wall).toFixed(2)} by the clock, ${(limit.cpu / cpu).toFixed(2)} by processor time (1: as fast as fetch)`,
    ].join('  '),
  }))
}
