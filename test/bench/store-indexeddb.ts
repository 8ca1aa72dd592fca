import { type BenchPage, openPage } from './browser.ts'
import { atLeast, atMost, type Figure, median, ms, sum, times } from './measure.ts'
import type { Bench } from './store-indexeddb-page.ts'

const RECORDS = 100_000
const ROUNDS = 3
const MERGES = 20
/** Of twenty point reads each. */
const READS = 40

const CONTENDERS = ['syncline', 'dexie'] as const
type Who = (typeof CONTENDERS)[number]

/** Per kind of work: the wall times, and the processor time of the whole browser per piece of work. */
class Taken {
  readonly #wall = new Map<string, number[]>()
  readonly #cpu = new Map<string, number[]>()

  wall(who: Who, what: string, value: number): void {
    this.#wall.set(who + what, [...(this.#wall.get(who + what) ?? []), value])
  }

  cpu(who: Who, what: string, value: number): void {
    this.#cpu.set(who + what, [...(this.#cpu.get(who + what) ?? []), value])
  }

  /** Dexie's time over ours, by the clock and by processor time. */
  ratios(what: string, typical = median): { clock: number; cpu: number; shown: string } {
    const [ours, dexie] = CONTENDERS.map((who) => typical(this.#wall.get(who + what) ?? [])) as [number, number]
    const [ourCpu, dexieCpu] = CONTENDERS.map((who) => median(this.#cpu.get(who + what) ?? [])) as [number, number]
    const ratios = { clock: dexie / ours, cpu: dexieCpu / ourCpu }
    const shown = `${times(ratios.clock)} by the clock (${ms(ours)} : ${ms(dexie)}), ${times(ratios.cpu)} by processor time`
    return { ...ratios, shown }
  }
}

/** A browser for each contender, so that what one leaves to be done in the background does not slow the other down. */
export async function runIndexedDb(): Promise<Figure[]> {
  const pages = new Map<Who, BenchPage<Bench>>()
  try {
    for (const who of CONTENDERS) pages.set(who, await openPage<Bench>('test/bench/store-indexeddb-page.ts'))
    const taken = new Taken()
    for (let round = -1; round < ROUNDS; round++) {
      // The first round warms up, with a tenth of the rows.
      for (const page of pages.values()) await page.call('prepare', round < 0 ? RECORDS / 10 : RECORDS)
      await play(pages, round < 0 ? new Taken() : taken, `round ${round}`)
    }
    return figures(taken)
  } finally {
    for (const page of pages.values()) await page.close()
  }
}

/** The contenders take turns, in small pieces where the work is made of such. */
async function play(pages: Map<Who, BenchPage<Bench>>, taken: Taken, name: string): Promise<void> {
  async function turns(what: 'load' | 'merge' | 'get' | 'all', count: number): Promise<void> {
    const before = new Map<Who, number>()
    for (const [who, page] of pages) before.set(who, await page.cpu())
    for (let i = 1; i <= count; i++) {
      for (const [who, page] of pages) taken.wall(who, what, await page.call(what, i))
    }
    for (const [who, page] of pages) taken.cpu(who, what, ((await page.cpu()) - (before.get(who) ?? 0)) / count)
  }
  for (const [who, page] of pages) await page.call('open', who, name)
  await turns('load', 1)
  await turns('get', READS)
  await turns('merge', MERGES)
  await turns('all', 1)
}

function figures(taken: Taken): Figure[] {
  const [load, get, all] = [taken.ratios('load'), taken.ratios('get'), taken.ratios('all')]
  const [merge, compacting] = [taken.ratios('merge'), taken.ratios('merge', sum)]
  return [
    atLeast('load of 100,000 records, Dexie bulkPut : ours', load.clock, 2.5, load.shown),
    atLeast('merge of 1,000, Dexie bulkPut : ours', merge.clock, 5, merge.shown),
    { what: `${MERGES} such merges, compaction included`, figure: compacting.shown },
    atMost(
      'point read, ours : a row per key',
      1 / get.clock,
      2,
      `${times(1 / get.clock)} by the clock, ${times(1 / get.cpu)} by processor time`,
    ),
    atLeast('reading all rows by key, Dexie toArray : ours', all.clock, 1, all.shown),
  ]
}
