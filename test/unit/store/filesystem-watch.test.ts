import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { watchFolder } from '../../../adapters/filesystem-watch.ts'

/** What the platform does: as always, says nothing, or cannot. */
let platform: 'works' | 'is silent' | 'cannot' = 'works'
let watching = 0
let begun = 0

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    watch(path: string, options: object, listener: (event: string, name: string | null) => void) {
      if (platform === 'cannot') throw new Error('ENOSPC')
      const watcher = fs.watch(path, options, platform === 'works' ? listener : undefined)
      watching++
      begun++
      watcher.on('close', () => watching--)
      return watcher
    },
  }
})

let root = ''
let folder = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-watch-'))
})
beforeEach(async () => {
  folder = join(root, Math.random().toString(36))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test.each(['works', 'is silent', 'cannot'] as const)('where the platform %s, heads are told', async (how) => {
  platform = how
  let looks = 0
  begun = 0
  const stop = watchFolder(folder, () => looks++, 100)
  /** One more look than there were, and perhaps more. */
  const look = async (before: number) => expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(before)
  expect(looks).toBe(0)

  await mkdir(folder)
  await look(0)
  for (const name of ['head.1', 'head.2']) {
    const before = looks
    await writeFile(join(folder, name), '')
    await look(before)
  }
  const before = looks
  await rename(folder, `${folder}-gone`)
  await mkdir(folder)
  await look(before)
  const anew = looks
  await writeFile(join(folder, 'head.1'), '')
  await look(anew)
  expect([watching, begun]).toEqual(how === 'cannot' ? [0, 0] : [1, 2])
  stop()
  stop()
  await expect.poll(() => watching).toBe(0)
})

test('what ends before it has begun never calls, and keeps nothing', async () => {
  platform = 'works'
  await mkdir(folder)
  let looks = 0
  const other = new Promise<void>((resolve) => {
    const stop = watchFolder(folder, () => {
      stop()
      resolve()
    })
  })
  watchFolder(folder, () => looks++)()
  await other
  expect(looks).toBe(0)
  await expect.poll(() => watching).toBe(0)
})
