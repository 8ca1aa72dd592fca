import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'

const KILLS = Number(process.env.SYNCLINE_KILLS ?? 30)
const adapter = new URL('../../../adapters/filesystem.ts', import.meta.url).pathname

/** Commits rows and position for ever: rows of version n with position n, small and large commits, deletions. */
const WRITER = `
import { filesystemStore } from ${JSON.stringify(adapter)}
const dataset = await filesystemStore(process.argv[2], { durability: 'process' }).open('d')
await dataset.lease(async () => {
  for (;;) {
    const { value, version } = await dataset.position('u')
    const n = (value ?? -1) + 1
    const size = n % 3 === 0 ? 400 : 5
    const put = Array.from({ length: size }, (_, i) => ({ key: 'k' + ((n * 131 + i * 7) % 2000), value: { n, text: 'x'.repeat(200) } }))
    const marker = [{ key: n, value: { n } }]
    await dataset.commit({ unit: 'u', position: n, expect: version, tables: { rows: { put }, marks: { put: marker } } })
    process.stdout.write('.')
  }
})
`

test(`a writer killed ${KILLS} times: the store opens, and rows and position are of one commit`, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'syncline-kill-'))
  const script = join(dir, 'writer.mjs')
  await writeFile(join(dir, 'writer.ts'), WRITER)
  await build({ entryPoints: [join(dir, 'writer.ts')], bundle: true, platform: 'node', format: 'esm', outfile: script })
  let last = -1
  for (let kill = 0; kill < KILLS; kill++) {
    await runAndKill(script, join(dir, 'data'), 1 + ((kill * 7) % 13), (kill * 0.7) % 9)
    const dataset = await filesystemStore(join(dir, 'data')).open('d')
    const { value } = await dataset.position('u')
    const position = typeof value === 'number' ? value : -1
    expect(position).toBeGreaterThanOrEqual(last)
    last = position
    expect(await dataset.count('marks')).toBe(position + 1)
    let newest = -1
    let rows = 0
    for await (const batch of dataset.scan('rows')) {
      rows += batch.length
      for (const { value } of batch) newest = Math.max(newest, Number(value.n))
    }
    expect([newest, rows]).toEqual([position, await dataset.count('rows')])
    await dataset.close()
  }
  expect(last).toBeGreaterThan(KILLS)
  process.stdout.write(`kill -9: ${KILLS} kills over ${last + 1} commits, 0 unreadable, 0 positions ahead of data\n`)
  await rm(dir, { recursive: true, force: true })
}, 180_000)

/** Kills the writer after so many commits and a few ms more, at any point of the ones that follow. */
function runAndKill(script: string, dir: string, commits: number, delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'pipe'] })
    let seen = 0
    let errors = ''
    child.stdout.on('data', (data) => {
      seen += data.length
      if (seen >= commits) setTimeout(() => child.kill('SIGKILL'), delayMs)
    })
    child.stderr.on('data', (data) => {
      errors += data
    })
    child.on('exit', () => (errors === '' ? resolve() : reject(new Error(errors))))
  })
}
