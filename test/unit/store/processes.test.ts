import type { ChildProcess } from 'node:child_process'
import { readdir, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import { seededRandom } from '../../support/ports.ts'
import { TIMES } from '../../support/times.ts'
import { bundle, inFolder, start } from './children/child.ts'

const COMMITS = 40 * TIMES

test.each([
  ['two processes', ['a', 'b'], 'never'],
  ['four processes, with a lease now and then', ['a', 'b', 'c', 'd'], 'often'],
])(
  '%s write one folder, each stopped at any moment: no commit is lost',
  async (name, units, leased) => {
    await inFolder(async (dir) => {
      const script = await bundle('counter', dir)
      const data = join(dir, 'data')
      const writers = units.map((unit) => start(process.execPath, [script, data, unit, String(COMMITS), leased]))
      const all = Promise.all(writers.map(({ done }) => done))
      const children = writers.map(({ child }) => child)
      const stops = await stopNowAndThen(children, all)
      const conflicts = (await all).reduce((sum, each) => sum + JSON.parse(each).conflicts, 0)
      await expectAll(data, units)
      const commits = 2 * units.length * COMMITS
      process.stdout.write(`${name}: ${commits} commits, ${stops} stops, ${conflicts} conflicts, 0 commits lost\n`)
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

test(
  'a holder of the lease that stands still for long loses it, and no commit',
  async () => {
    await inFolder(async (dir) => {
      const script = await bundle('counter', dir)
      const data = join(dir, 'data')
      const run = (unit: string) => start(process.execPath, [script, data, unit, String(COMMITS), 'once'])
      const lease = async () => {
        const [name = ''] = await readdir(data).catch(() => [])
        return readFile(join(data, name, 'lease'), 'utf8').catch(() => '')
      }
      const soon = { interval: 1, timeout: 20_000 }

      const slow = run('slow')
      await expect.poll(lease, soon).not.toBe('')
      slow.child.kill('SIGSTOP')
      const holder = await lease()
      expect(holder).not.toBe('')
      // As if its heart had not beaten for two minutes.
      const then = new Date(Date.now() - 120_000)
      await utimes(join(data, (await readdir(data))[0] ?? '', 'lease'), then, then)
      const quick = run('quick')
      await expect.poll(async () => ['', holder].includes(await lease()), soon).toBe(false)
      slow.child.kill('SIGCONT')

      const [said] = await Promise.all([slow.done, quick.done])
      expect(JSON.parse(said)).toMatchObject({ lost: 1 })
      await expectAll(data, ['slow', 'quick'])
      expect(await lease()).toBe('')
      process.stdout.write(`a lease taken from a process that stood still: ${4 * COMMITS} commits of both, 0 lost\n`)
    })
  },
  60_000 * TIMES,
)

/** Each unit has all its commits, the shared one those of all, and so have the rows. */
async function expectAll(data: string, units: readonly string[]): Promise<void> {
  const dataset = await filesystemStore(data).open('d')
  const total = units.length * COMMITS
  for (const [unit, n] of [...units.map((unit) => [unit, COMMITS] as const), ['shared', total] as const]) {
    expect((await dataset.position(unit)).value).toBe(n)
    expect(await dataset.get('t', ['sum', unit])).toEqual({ n })
  }
  let rows = 0
  for await (const batch of dataset.scan('t')) rows += batch.length
  expect([rows, await dataset.count('t')]).toEqual([2 * total + units.length + 1, rows])
}
