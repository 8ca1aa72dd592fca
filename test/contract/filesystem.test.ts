import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { storeContract } from '../../src/testing/store-contract.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-contract-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe.each([
  ['in a folder of its own', false],
  ['beside foreign files', true],
])('filesystemStore %s', (_, foreign) => {
  test.each(storeContract.map((each, i) => ({ ...each, i })))('$name', async ({ run, i }) => {
    const dir = join(root, `${foreign}-${i}`)
    const files = ['notes.txt', 'head.9', 'run-1', 'd/head.3', 'lease']
    if (foreign) for (const name of files) await put(join(dir, name))
    let ahead = 0
    const open = () => filesystemStore(dir, { ports: { now: () => Date.now() + ahead } })
    await run({
      store: open(),
      other: open,
      advance: (ms) => {
        ahead += ms
      },
    })
    if (foreign) for (const name of files) expect(await readFile(join(dir, name), 'utf8')).toBe('foreign')
    for (const name of await readdir(dir).catch(() => []))
      if (!files.includes(name) && name !== 'd') expect(name).toMatch(/^[\w-]+$/)
  })
})

async function put(path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, 'foreign')
}
