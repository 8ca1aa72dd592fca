import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import { seededRandom } from '../../support/ports.ts'
import { bundle, inFolder, start, TIMES } from './children/child.ts'

const COMMITS = 40 * TIMES

test.each([
  ['two processes', ['a', 'b'], ''],
  ['four processes, with a lease now and then', ['a', 'b', 'c', 'd'], 'leased'],
])(
  '%s write one folder, each stopped at any moment: no commit is lost',
  async (name, units, leased) => {
    await inFolder(async (dir) => {
      const script = await bundle('counter', dir)
      const data = join(dir, 'data')
      const writers = units.map((unit) => start(process.execPath, [script, data, unit, String(COMMITS), leased]))
      const all = Promise.all(writers.map(({ done }) => done))
      const stops = await stopNowAndThen(
        writers.map(({ child }) => child),
        all,
      )
      const conflicts = (await all).reduce((sum, each) => sum + Number(each), 0)

      const dataset = await filesystemStore(data).open('d')
      for (const unit of units) expect((await dataset.position(unit)).value).toBe(COMMITS)
      for (const unit of units) expect(await dataset.get('t', ['sum', unit])).toEqual({ n: COMMITS })
      const total = units.length * COMMITS
      expect((await dataset.position('shared')).value).toBe(total)
      expect(await dataset.get('t', ['sum', 'shared'])).toEqual({ n: total })
      let rows = 0
      for await (const batch of dataset.scan('t')) rows += batch.length
      expect([rows, await dataset.count('t')]).toEqual([2 * total + units.length + 1, rows])
      process.stdout.write(
        `${name}: ${2 * total} commits to one folder, ${stops} stops, ${conflicts} conflicts, 0 commits lost\n`,
      )
    })
  },
  120_000 * TIMES,
)

/** Stops one after the other for some ms, until all are done: so each is the slow one at some bad moment. */
async function stopNowAndThen(children: ChildProcess[], all: Promise<unknown>): Promise<number> {
  const random = seededRandom(children.length)
  let stops = 0
  let running = true
  const over = () => {
    running = false
  }
  all.then(over, over)
  while (running) {
    const child = children[Math.floor(random() * children.length)]
    if (child?.kill('SIGSTOP')) stops++
    await delay(random() * 30)
    child?.kill('SIGCONT')
    await delay(random() * 5)
  }
  return stops
}
