import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import type { JsonValue } from '../../../src/json.ts'
import { seededRandom } from '../../support/ports.ts'
import { TIMES } from '../../support/times.ts'
import { changesOf } from './children/changes.ts'
import { bundle, inFolder, start } from './children/child.ts'

const ROUNDS = 50 * TIMES
const UNITS = ['a', 'b']

test(
  `${2 * ROUNDS} writers killed, two at a time: the store opens, and rows and positions are of the last commits`,
  async () => {
    await inFolder(async (dir) => {
      const script = await bundle('endless', dir)
      const data = join(dir, 'data')
      const random = seededRandom(1)
      const rows = new Map<string, JsonValue>()
      const commits = new Map(UNITS.map((unit) => [unit, 0]))
      for (let round = 0; round < ROUNDS; round++) {
        const said = await Promise.all(UNITS.map((unit) => runAndKill(script, data, unit, random)))
        const dataset = await filesystemStore(data).open('d')
        for (const [i, unit] of UNITS.entries()) {
          const before = commits.get(unit) ?? 0
          const now = Number((await dataset.position(unit)).value ?? -1) + 1
          // The last one may have been killed before it could say so, or before it could commit.
          expect([before + (said[i] ?? 0), before + (said[i] ?? 0) + 1]).toContain(now)
          for (let n = before; n < now; n++) apply(rows, unit, n)
          commits.set(unit, now)
        }
        const stored = new Map<string, JsonValue>()
        for await (const batch of dataset.scan('t')) for (const { key, value } of batch) stored.set(String(key), value)
        expect(isDeepStrictEqual(stored, rows)).toBe(true)
        expect(await dataset.count('t')).toBe(rows.size)
      }
      const total = [...commits.values()].reduce((sum, each) => sum + each, 0)
      process.stdout.write(
        `kill -9: ${2 * ROUNDS} kills, two writers at a time, over ${total} commits: 0 unreadable, 0 positions ahead of data, 0 commits lost\n`,
      )
      expect(total).toBeGreaterThan(2 * ROUNDS)
    })
  },
  180_000 * TIMES,
)

function apply(rows: Map<string, JsonValue>, unit: string, n: number): void {
  const changes = changesOf(unit, n)
  for (const { key, value } of changes.put) rows.set(String(key), value)
  for (const key of changes.delete) rows.delete(String(key))
}

/** Kills the writer after so many commits and a few ms more, at any point of the ones that follow; how many it told. */
async function runAndKill(script: string, dir: string, unit: string, random: () => number): Promise<number> {
  const { child, done } = start(process.execPath, [script, dir, unit])
  const commits = Math.floor(random() * 12)
  const wait = random() * 12
  let seen = 0
  child.stdout?.on('data', async (data) => {
    seen += data.length
    if (seen >= commits) await delay(wait).then(() => child.kill('SIGKILL'))
  })
  return (await done).length
}
