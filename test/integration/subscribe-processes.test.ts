import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { defineSource, openDataset, type RowChange } from '../../src/index.ts'

const path = (file: string) => JSON.stringify(new URL(`../../${file}`, import.meta.url).pathname)

const SOURCE = {
  name: 'test',
  client: { baseUrl: 'https://api.example.com' },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { path: '/items', paginator: { type: 'single_page' } } }],
} as const

/** `sync <dir> <rows>`: makes the table these rows. Else subscribes, and does what it says. */
const PROGRAM = `
import { filesystemStore } from ${path('adapters/filesystem.ts')}
import { defineSource, openDataset, sync } from ${path('src/index.ts')}
const [mode, dir, rows] = process.argv.slice(2)
const source = defineSource(${JSON.stringify(SOURCE)})
const store = filesystemStore(dir)
const run = (rows) => sync(source, store, { full: true, ports: { fetch: async () => new Response(rows) } })
if (mode === 'sync') await run(rows)
else {
  const data = await openDataset(source, store)
  const stop = data.table('items').subscribe((changes) => {
    console.log(JSON.stringify(changes))
    if (mode === 'stop') stop()
    if (mode === 'throw') throw new Error('thrown by the listener')
  }, { initial: true })
  if (mode === 'stop') await new Promise((resolve) => setTimeout(resolve, 50))
  if (mode === 'throw') await new Promise(() => setTimeout(() => {}, 60_000))
}
`

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-subscribe-'))
  await writeFile(join(folder, 'program.ts'), PROGRAM)
  await build({
    entryPoints: [join(folder, 'program.ts')],
    outdir: join(folder, 'program'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function runProgram(mode: string, dir: string, rows: object[] = []) {
  const child = spawn(process.execPath, [join(folder, 'program/program.mjs'), mode, dir, JSON.stringify(rows)], {
    timeout: 30_000,
  })
  let [out, errors] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (errors += data))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, out, errors }
}

test('a sync in another process is told: in a folder that is new, that changes, and that was dropped', async () => {
  const dir = join(folder, 'data')
  const store = filesystemStore(dir)
  const data = await openDataset(defineSource(SOURCE), store)
  const told: string[] = []
  const stop = data.table('items').subscribe((changes) => {
    const text = ({ type, key }: RowChange<unknown>) => `${type} ${key}`
    told.push(...(changes === 'reset' ? ['reset'] : changes.map(text)))
  })
  const until = (count: number) => expect.poll(() => told.length, { timeout: 20_000 }).toBe(count)

  const synced = await runProgram('sync', dir, [{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(synced.errors).toBe('')
  await until(3)
  await runProgram('sync', dir, [{ id: 1 }, { id: 2, name: 'changed' }, { id: 4 }])
  await until(6)
  expect(told.slice(0, 3)).toEqual(['added 1', 'added 2', 'added 3'])
  // The rows of the pass, and then what it has not seen, may come in one or in two.
  expect(told.slice(3).sort()).toEqual(['added 4', 'deleted 3', 'updated 2'])

  await store.drop('test')
  await until(7)
  await runProgram('sync', dir, [{ id: 5 }])
  await until(8)
  expect(told.slice(6)).toEqual(['reset', 'added 5'])
  stop()
  await runProgram('sync', dir, [{ id: 5 }, { id: 6 }])
  expect(told).toHaveLength(8)
})

test.each(['stop', 'stay'])('a process that subscribes ends by itself (%s)', async (mode) => {
  const dir = join(folder, mode)
  await runProgram('sync', dir, [{ id: 1 }])
  for (const each of [dir, join(folder, 'absent')]) {
    expect(await runProgram(mode, each)).toEqual({ code: 0, out: '"reset"\n', errors: '' })
  }
})

test('what a listener throws is uncaught where there is no onError, as that of an event listener', async () => {
  const { code, out, errors } = await runProgram('throw', join(folder, 'absent'))
  expect([code, out]).toEqual([1, '"reset"\n'])
  expect(errors).toContain('thrown by the listener')
})
