import type * as fs from 'node:fs/promises'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import type { Dataset } from '../../../src/store/dataset.ts'
import type { FileCall } from '../../support/watched-files.ts'

// What happens at the worst moment: after a writer has looked, and before it does something.
type Op = FileCall['op']
const race = vi.hoisted(() => ({ before: new Map<Op, () => Promise<void>>() }))
vi.mock('node:fs/promises', async (original) => {
  const { watchFiles } = await import('../../support/watched-files.ts')
  return watchFiles(await original<typeof fs>(), async ({ op }, run) => {
    const hook = race.before.get(op)
    race.before.delete(op)
    await hook?.()
    return run()
  })
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
    race.before.set('link', async () => {
      for (let i = 0; i < others; i++) await put(b, 'b', `other${i}`)
    })
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
  race.before.set('link', () => filesystemStore(dir).drop('d'))
  await expect(put(dataset, 'a', 'last')).rejects.toMatchObject({ code: 'conflict' })
  expect(await (await filesystemStore(dir).open('d')).count('t')).toBe(0)
  expect((await readdir(dir)).length).toBeLessThanOrEqual(1)
})

test('a head that came too late is removed by another process first: nobody notices', async () => {
  const dir = join(root, 'late')
  const [a, b] = [await filesystemStore(dir).open('d'), await filesystemStore(dir).open('d')]
  for (let i = 0; i < 4; i++) await put(a, 'a', `first${i}`)
  race.before.set('link', async () => {
    for (let i = 0; i < 4; i++) await put(b, 'b', `other${i}`)
    // The first `unlink` is that of the temporary file.
    race.before.set('unlink', async () => {
      race.before.set('unlink', async () => void (await put(b, 'b', 'one more')))
    })
  })
  await put(a, 'a', 'last')
  expect(race.before.size).toBe(0)
  expect(await (await filesystemStore(dir).open('d')).count('t')).toBe(4 + 5 + 1)
})

test.each([1, 2, 3, 4, 20])(
  'a commit that %i others have built on, of the same unit, before its writer looks: it counts, once',
  async (others) => {
    const dir = join(root, `built-on-${others}`)
    const [a, b] = [await filesystemStore(dir).open('d'), await filesystemStore(dir).open('d')]
    for (let i = 0; i < 4; i++) await put(a, 'u', `first${i}`)
    race.before.set('unlink', async () => {
      for (let i = 0; i < others; i++) await put(b, 'u', `other${i}`)
    })
    await put(a, 'u', 'mine')
    const again = await filesystemStore(dir).open('d')
    expect([await again.count('t'), (await again.position('u')).value]).toEqual([5 + others, `other${others - 1}`])
  },
)

test('a dataset that was dropped and has as many commits again gets nothing of an old one', async () => {
  const dir = join(root, 'again')
  const old = await filesystemStore(dir).open('d')
  for (let i = 0; i < 3; i++) await put(old, 'a', `old${i}`)
  const { version } = await old.position('a')
  await filesystemStore(dir).drop('d')
  const fresh = await filesystemStore(dir).open('d')
  for (let i = 0; i < 3; i++) await put(fresh, 'a', `new${i}`)
  await expect(old.commit({ unit: 'a', position: 'x', expect: version })).rejects.toMatchObject({ code: 'conflict' })
  const again = await filesystemStore(dir).open('d')
  expect([(await again.position('a')).value, await again.get('t', 'old0')]).toEqual(['new2', undefined])
})
