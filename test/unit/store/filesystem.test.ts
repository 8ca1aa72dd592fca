import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FilesystemOptions, filesystemStore } from '../../../adapters/filesystem.ts'
import type { Dataset } from '../../../src/store/dataset.ts'
import { checkHistory, commands } from './model.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-files-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
const fresh = () => join(root, String(count++))

async function put(dataset: Dataset, i: number, size = 1) {
  const { version } = await dataset.position('u')
  const put = Array.from({ length: size }, (_, j) => ({ key: `k${j}`, value: { i, text: 'x'.repeat(100) } }))
  return dataset.commit({ unit: 'u', position: { i }, expect: version, tables: { t: { put } } })
}

/** The one folder of a store with one dataset. */
async function folderOf(dir: string): Promise<string> {
  const [name = ''] = await readdir(dir)
  return join(dir, name)
}

test('a store on the disk behaves like maps', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (history) => {
      const options: FilesystemOptions = { durability: 'process', limits: { chunkBytes: 300, inlineBytes: 500 } }
      const store = filesystemStore(fresh(), options)
      await checkHistory(history, () => store.open('dataset'))
    }),
    { numRuns: 15 },
  )
}, 60_000)

test('a small commit leaves no file but its head and the one before', async () => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  for (let i = 0; i < 5; i++) await put(dataset, i)
  expect((await readdir(await folderOf(dir))).sort()).toEqual(['head.4', 'head.5'])
})

test('a torn newest head: the one before counts', async () => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  for (let i = 0; i < 3; i++) await put(dataset, i)
  const path = join(await folderOf(dir), 'head.3')
  for (const length of [(await readFile(path)).length - 1, 40, 0]) {
    await truncate(path, length)
    const again = await filesystemStore(dir).open('d')
    expect((await again.position('u')).value).toEqual({ i: 1 })
  }
  const again = await filesystemStore(dir).open('d')
  await put(again, 9)
  expect((await (await filesystemStore(dir).open('d')).position('u')).value).toEqual({ i: 9 })
})

test('a torn run of the newest commit: the commit before counts', async () => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  await put(dataset, 0, 500)
  const folder = await folderOf(dir)
  const before = new Set(await readdir(folder))
  await put(dataset, 1, 500)
  const run = (await readdir(folder)).find((name) => name.startsWith('run-') && !before.has(name)) ?? ''
  await truncate(join(folder, run), 30_000)
  const again = await filesystemStore(dir).open('d')
  expect([(await again.position('u')).value, (await again.get('t', 'k7'))?.i]).toEqual([{ i: 0 }, 0])
})

test('files of writers that died are swept, foreign ones are not', async () => {
  const dir = fresh()
  let ahead = 0
  const dataset = await filesystemStore(dir, { ports: { now: () => Date.now() + ahead } }).open('d')
  await put(dataset, 0, 500)
  const folder = await folderOf(dir)
  const dead = ['tmp-0123456789abcdef', 'run-0123456789abcdef']
  const foreign = ['notes.txt', 'run-1', 'tmp-x', 'head.x']
  for (const name of [...dead, ...foreign]) await writeFile(join(folder, name), '')
  await dataset.lease(async () => {})
  expect(await readdir(folder)).toEqual(expect.arrayContaining(dead))
  ahead = 300_000
  await dataset.lease(async () => {})
  const names = await readdir(folder)
  for (const name of dead) expect(names).not.toContain(name)
  expect(names).toEqual(expect.arrayContaining(foreign))
  expect(await (await filesystemStore(dir).open('d')).count('t')).toBe(500)
})

test.each([
  ['of a process that is no more', { pid: 2 ** 22 + 1, host: hostname(), id: 'x' }, 0],
  ['whose heart has stopped', { pid: process.pid, host: 'elsewhere', id: 'x' }, 120_000],
  ['that is torn and old', undefined, 120_000],
])('a lease %s is taken over', async (_, holder, age) => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  await put(dataset, 0)
  const path = join(await folderOf(dir), 'lease')
  await writeFile(path, holder === undefined ? '{"pid' : JSON.stringify(holder))
  const time = new Date(Date.now() - age)
  await utimes(path, time, time)
  expect(await dataset.lease(async () => 'held')).toBe('held')
  expect(await readdir(await folderOf(dir))).not.toContain('lease')
})

test('a process whose lease was taken over commits nothing more under it, and is told so', async () => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  await put(dataset, 0)
  const path = join(await folderOf(dir), 'lease')
  const later = await filesystemStore(dir).open('d')
  await dataset.lease(async () => {
    await put(dataset, 1)
    // As if this process had been suspended: its heart has not beaten for long.
    const before = new Date(Date.now() - 120_000)
    await utimes(path, before, before)
    await later.lease(async () => {
      await expect(put(dataset, 2)).rejects.toMatchObject({ code: 'lease_lost', retryable: true })
      await put(later, 3)
      expect(await readdir(await folderOf(dir))).toContain('lease')
    })
    // Not even when the other one has gone: what this one has in mind may be out of date.
    await expect(put(dataset, 4)).rejects.toMatchObject({ code: 'lease_lost' })
  })
  expect((await dataset.position('u')).value).toEqual({ i: 3 })
  expect(await readdir(await folderOf(dir))).not.toContain('lease')
  await put(dataset, 5)
})

test('a lease that lives elsewhere is waited for, until the signal aborts', async () => {
  const dir = fresh()
  const dataset = await filesystemStore(dir).open('d')
  await put(dataset, 0)
  await writeFile(join(await folderOf(dir), 'lease'), JSON.stringify({ pid: 1, host: 'elsewhere', id: 'x' }))
  const controller = new AbortController()
  const waiting = dataset.lease(async () => 'held', { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

test('an error of the one who holds the lease is not taken for one of the store', async () => {
  const dataset = await filesystemStore(fresh()).open('d')
  const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  await expect(dataset.lease(() => Promise.reject(error))).rejects.toBe(error)
})

test('a place that is no folder is store_unavailable, without its path in the message', async () => {
  const file = fresh()
  await mkdir(root, { recursive: true })
  await writeFile(file, '')
  const failed = filesystemStore(file).open('d')
  await expect(failed).rejects.toMatchObject({ code: 'store_unavailable', message: expect.not.stringContaining(root) })
})
