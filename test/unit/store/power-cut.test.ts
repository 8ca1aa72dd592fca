import type * as fs from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import { isSynclineError } from '../../../src/errors.ts'
import type { Dataset } from '../../../src/store/dataset.ts'
import { MemoryFiles } from '../../support/memory-files.ts'
import { seededRandom } from '../../support/ports.ts'
import { TIMES } from '../../support/times.ts'
import type { Watch } from '../../support/watched-files.ts'
import { type Change, checkPair, expected, histories, type Limits, playOn, range, type Tables } from './histories.ts'
import { at, Disk, materialise, record, type Step, signature, type Tree } from './power-cut.ts'

const watcher = vi.hoisted(() => ({ watch: undefined as Watch | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const { watchFiles } = await import('../../support/watched-files.ts')
  return watchFiles(await original<typeof fs>(), (call, run) => (watcher.watch ?? ((_, run) => run()))(call, run))
})

/** Of what a power cut may leave between two calls of the file system, so many are tried. */
const STATES = 12 * TIMES
/** Every so manieth state is put on a real disk. */
const REAL = 25

let root = ''
let count = 0
const fresh = () => join(root, String(count++))
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-power-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

type Durability = 'full' | 'process'
interface Recorded {
  readonly steps: readonly Step[]
  readonly limits: Limits
  readonly changes: readonly Change[]
  readonly states: readonly Tables[]
}

/** What the adapter does on a real disk in a history: two processes in turn, leases, collections. */
async function recorded(durability: Durability, limits: Limits, changes: readonly Change[]): Promise<Recorded> {
  const dir = fresh()
  const steps: Step[] = []
  let ahead = 0
  const ports = { now: () => Date.now() + ahead }
  const open = () => filesystemStore(join(dir, 'data'), { durability, limits, ports }).open('d')
  watcher.watch = record(dir, steps)
  try {
    const processes = [await open(), await open()]
    for (let done = 0; done < changes.length; ) {
      const dataset = processes[done % 2] as Dataset
      const some = changes.slice(0, done + 3)
      const play = () => playOn(dataset, some, (next) => steps.push({ op: 'returned', commits: next }))
      if (done % 4 === 0) await play()
      else await dataset.lease(play)
      done = some.length
      steps.push({ op: 'returned', commits: done })
      ahead += 60_000
    }
  } finally {
    watcher.watch = undefined
  }
  return { steps, limits, changes, states: expected(changes) }
}

/** What a power cut may leave, at any moment of the record; with each, the most commits that had returned by then. */
function statesOf(steps: readonly Step[], most: number): { tree: Tree; returned: number }[] {
  const random = seededRandom(1)
  const disk = new Disk()
  const found = new Map<string, { tree: Tree; returned: number }>()
  for (const step of steps) {
    disk.apply(step)
    for (const tree of disk.states(most, random)) found.set(signature(tree), { tree, returned: disk.commits })
  }
  return [...found.values()]
}

interface Tally {
  states: number
  /** A commit that had returned is not there; rows and position are still of one commit. */
  lost: number
  /** `store_corrupt`: the store says that it is damaged. */
  corrupt: number
  /** The newest head is damaged, or what it names is: the one before counted. */
  gaveWay: number
  /** Rows that are not those of the position, or anything else that is wrong. */
  torn: number
}

async function tally({ steps, limits, changes, states }: Recorded, most: number): Promise<Tally> {
  const sum: Tally = { states: 0, lost: 0, corrupt: 0, gaveWay: 0, torn: 0 }
  for (const { tree, returned } of statesOf(steps, most)) {
    // Most of them in memory: on the disk, making and removing the files takes twenty times as long.
    const dir = sum.states++ % REAL === 0 ? fresh() : undefined
    if (dir === undefined) watcher.watch = new MemoryFiles(at('/', tree)).watch
    else await materialise(tree, dir)
    const open = () => filesystemStore(join(dir ?? '/', 'data'), { durability: 'process', limits }).open('d')
    try {
      const dataset = await open()
      const position = await checkPair(dataset, states)
      if (position + 1 < returned) sum.lost++
      if (position !== promised(tree)) sum.gaveWay++
      // And it goes on from there.
      await playOn(dataset, changes.slice(0, position + 2))
      await checkPair(await open(), states)
    } catch (error) {
      if (isSynclineError(error, 'store_corrupt')) sum.corrupt++
      else sum.torn++
    } finally {
      watcher.watch = undefined
    }
  }
  return sum
}

/** The position in the newest head; -1 if there is none, -2 if it is not readable. */
function promised(tree: Tree): number {
  const heads = [...tree].flatMap(([path, text]) => {
    const number = /\/head\.(\d+)$/.exec(path)?.[1]
    return number === undefined ? [] : [{ number: Number(number), text: text.toString() }]
  })
  const newest = heads.sort((a, b) => b.number - a.number)[0]
  return newest === undefined ? -1 : Number(/\["u","[^"]*","(\d+)"\]/.exec(newest.text)?.[1] ?? -2)
}

function add(tallies: readonly Tally[]): Tally {
  const sum: Tally = { states: 0, lost: 0, corrupt: 0, gaveWay: 0, torn: 0 }
  for (const each of tallies) for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += each[key]
  return sum
}

const tallies: Tally[] = []
test.each(histories)(
  "a power cut at any moment of '%s', with durability 'full'",
  async (_, limits, changes) => {
    const found = await tally(await recorded('full', limits, changes), STATES)
    tallies.push(found)
    expect(found).toEqual({ states: found.states, lost: 0, corrupt: 0, gaveWay: 0, torn: 0 })
  },
  120_000 * TIMES,
)

test('enough states were tried', () => {
  const { states } = add(tallies)
  process.stdout.write(`power cut, durability full: ${states} states in ${tallies.length} histories, 0 violations\n`)
  expect(states).toBeGreaterThan(2000)
})

const FEW = ['small commits in the head', 'a run per commit', 'tails that become runs', 'tables that are dropped']
const few = histories.filter(([name]) => FEW.includes(name))

test(
  "durability 'process': a power cut may lose commits or damage the store, which then says so; it never mixes them",
  async () => {
    const all: Tally[] = []
    for (const [, limits, changes] of few) all.push(await tally(await recorded('process', limits, changes), STATES))
    const { states, lost, corrupt, torn } = add(all)
    process.stdout.write(
      `power cut, durability process: ${states} states: ${lost} without the last commits, ${corrupt} store_corrupt, ${torn} torn\n`,
    )
    expect(lost).toBeGreaterThan(100)
    expect(corrupt).toBeGreaterThan(0)
    expect(torn).toBe(0)
  },
  120_000 * TIMES,
)

const FOLDER = /^data\/[^/]+$/
/** A folder is flushed before a head gets its name, if there are new runs, and after. */
const flushes: [name: string, is: (path: string, next: Step | undefined) => boolean][] = [
  ['the file of a run', (path) => /\/run-\w+$/.test(path)],
  ['the file of a head', (path) => /\/tmp-\w+$/.test(path)],
  ['the folder, before the link', (path, next) => FOLDER.test(path) && next?.op === 'link'],
  ['the folder, after the link', (path, next) => FOLDER.test(path) && next?.op !== 'link'],
  ['the folder above', (path) => path === 'data'],
  ['the folder above that', (path) => path === ''],
]

test(
  'the model can fail: without the flush of any one thing, it finds what goes wrong',
  async () => {
    const records: Recorded[] = []
    for (const [, limits, changes] of few) records.push(await recorded('full', limits, changes))
    for (const [name, is] of flushes) {
      const found: Tally[] = []
      let flushed = 0
      for (const each of records) {
        const steps = each.steps.filter((step, i) => {
          const left = step.op === 'sync' && is(step.path, each.steps[i + 1])
          if (left) flushed++
          return !left
        })
        found.push(await tally({ ...each, steps }, 5))
      }
      const { states, lost, corrupt, gaveWay, torn } = add(found)
      process.stdout.write(
        `power cut, without ${flushed} flushes of ${name}: ${states} states, ${lost} lost, ${corrupt} corrupt, ${gaveWay} gave way\n`,
      )
      expect([flushed > 0, lost + corrupt + gaveWay > 0, torn]).toEqual([true, true, 0])
    }
  },
  120_000 * TIMES,
)

test('a power cut while a dataset is dropped and made anew: it is whole or gone, and what was dropped stays so', async () => {
  const change = (v: number): Change => ({
    tables: { t: { put: [0, 1, 2].map((i) => ({ key: `k${v % 4}${i}`, value: { v } })) } },
  })
  const [old, young] = [range(6, (i) => change(i)), range(4, (i) => change(100 + i))]
  const states = [...expected(old)]
  for (const [i, state] of expected(young).entries()) states[100 + i] = state
  const dir = fresh()
  const steps: Step[] = []
  const store = filesystemStore(join(dir, 'data'), { limits: { chunkBytes: 100, inlineBytes: 100 } })
  const commit = async (dataset: Dataset, position: number, change: Change) => {
    const { version } = await dataset.position('u')
    await dataset.commit({ unit: 'u', position, expect: version, ...change })
    steps.push({ op: 'returned', commits: position + 1 })
  }
  watcher.watch = record(dir, steps)
  const first = await store.open('d')
  for (const [i, change] of old.entries()) await commit(first, i, change)
  steps.push({ op: 'returned', commits: 50 })
  await store.drop('d')
  steps.push({ op: 'returned', commits: 60 })
  const second = await store.open('d')
  for (const [i, change] of young.entries()) await commit(second, 100 + i, change)
  watcher.watch = undefined

  const found = async (steps: readonly Step[]) => {
    const sum = { states: 0, wrong: 0 }
    for (const { tree, returned } of statesOf(steps, 4 * STATES)) {
      sum.states++
      watcher.watch = new MemoryFiles(at('/', tree)).watch
      const dataset = filesystemStore('/data', { durability: 'process' }).open('d')
      const position = await dataset.then((each) => checkPair(each, states)).catch(() => Number.NaN)
      watcher.watch = undefined
      const dropped = returned === 50 ? position === 5 || position === -1 : returned === 60 && position === -1
      if (!(position + 1 >= returned || dropped)) sum.wrong++
    }
    return sum
  }
  const { states: count, wrong } = await found(steps)
  process.stdout.write(`power cut, while a dataset is dropped: ${count} states, ${wrong} violations\n`)
  expect(wrong).toBe(0)
  const isFlush = (step: Step, i: number) => step.op === 'sync' && step.path === 'data' && steps[i - 1]?.op === 'rename'
  expect((await found(steps.filter((step, i) => !isFlush(step, i)))).wrong).toBeGreaterThan(0)
})
