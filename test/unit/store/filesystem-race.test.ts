import type * as fs from 'node:fs/promises'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import type { Dataset } from '../../../src/store/dataset.ts'

// What happens at the worst moment: after a writer has looked and before its head is linked.
const race = vi.hoisted(() => ({ beforeLink: undefined as (() => Promise<void>) | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>()
  const link: typeof fs.link = async (from, to) => {
    const hook = race.beforeLink
    race.beforeLink = undefined
    await hook?.()
    return real.link(from, to)
  }
  return { ...real, link }
})

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-race-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function put(dataset: Dataset, unit: string, key: string) {
  const { version } = await dataset.position(unit)
  return dataset.commit({ unit, position: key, expect: version, tables: { t: { put: [{ key, value: {} }] } } })
}

test.each([1, 2, 3, 4])(
  '%i commits of another process just before the link: both writers keep theirs',
  async (others) => {
    const dir = join(root, `commits-${others}`)
    const [a, b] = [await filesystemStore(dir).open('d'), await filesystemStore(dir).open('d')]
    for (let i = 0; i < 4; i++) await put(a, 'a', `first${i}`)
    race.beforeLink = async () => {
      for (let i = 0; i < others; i++) await put(b, 'b', `other${i}`)
    }
    await put(a, 'a', 'last')
    await put(b, 'b', 'after')
    const again = await filesystemStore(dir).open('d')
    expect(await again.count('t')).toBe(4 + others + 2)
    expect((await again.position('a')).value).toBe('last')
  },
)

test('a dataset that is dropped just before the link does not come back', async () => {
  const dir = join(root, 'dropped')
  const dataset = await filesystemStore(dir).open('d')
  for (let i = 0; i < 4; i++) await put(dataset, 'a', `first${i}`)
  race.beforeLink = () => filesystemStore(dir).drop('d')
  await expect(put(dataset, 'a', 'last')).rejects.toMatchObject({ code: 'conflict' })
  expect(await (await filesystemStore(dir).open('d')).count('t')).toBe(0)
  expect((await readdir(dir)).length).toBeLessThanOrEqual(1)
})
