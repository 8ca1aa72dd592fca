import type { JsonObject } from '../../src/json.ts'
import type { Store } from '../../src/store/index.ts'
import type { StepOptions, StepResult } from '../../src/sync/run/options.ts'
import { Api, type TableName } from './api.ts'
import { Dice } from './dice.ts'
import { Disk, SOUND } from './disk.ts'
import type { Engine } from './engine.ts'
import { expectBalanceOf, expectCoded, expectSettled, Laws, Violation } from './laws.ts'
import { type Observation, observe } from './observe.ts'
import { type Fate, Process } from './process.ts'
import { configOf, drifts, type Scenario, scenarioOf } from './scenario.ts'
import { Stuck, World } from './world.ts'

/** How a history went. */
export interface Outcome {
  readonly seed: number
  readonly violation: Violation | undefined
  readonly requests: number
  readonly steps: number
  readonly crashes: number
  /** Live rows that were deleted, and came back: what page drift does today. */
  readonly losses: number
}

/** Steps that a run may take at the end, when nothing fails any more. */
const MOST_STEPS = 400

/** Plays one history: a source that changes, a network and a disk that fail, a process that dies; then peace. */
export async function play(engine: Engine, seed: number, trace?: (line: string) => void): Promise<Outcome> {
  const history = new History(engine, scenarioOf(seed), trace)
  const violation = await violationOf(history.play())
  return { seed, violation, ...history.figures() }
}

/** The law that was broken, if one was. */
export async function violationOf(playing: Promise<unknown>): Promise<Violation | undefined> {
  try {
    await playing
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error
    if (error instanceof Stuck) return new Violation('liveness', error.message)
    return new Violation('broken', String((error as Error).stack))
  }
}

type Ended = StepResult | 'crashed' | 'rejected'

export class History {
  readonly scenario: Scenario
  readonly world: World
  readonly api: Api
  readonly disk: Disk
  readonly laws: Laws
  readonly #engine: Engine
  readonly #source: ReturnType<Engine['defineSource']>
  readonly #dice: Dice
  #steps = 0
  #crashes = 0
  #requests = 0
  #confirm: string | undefined
  #seen: Observation | undefined
  #looked = 0

  constructor(engine: Engine, scenario: Scenario, trace?: (line: string) => void) {
    const dice = new Dice(scenario.seed + 1_000_003)
    this.scenario = scenario
    this.world = new World(dice, trace)
    this.#dice = dice
    this.api = new Api(scenario, this.world)
    const { chunkBytes, inlineBytes, minPublishMs } = scenario
    this.disk = new Disk({
      chunkBytes,
      inlineBytes,
      minPublishMs,
      maxOps: Number.POSITIVE_INFINITY,
      dropAfterMs: 5000,
      cas: true,
    })
    this.laws = new Laws(scenario, this.api, this.world)
    this.#engine = engine
    this.#source = engine.defineSource(sourceOf(scenario) as never)
    trace?.(JSON.stringify(scenario))
  }

  figures() {
    return { requests: this.#requests, steps: this.#steps, crashes: this.#crashes, losses: this.laws.losses }
  }

  async play(): Promise<void> {
    const { scenario, disk, api } = this
    disk.faults = { fail: scenario.diskFaults, unknown: scenario.diskFaults, lie: scenario.diskFaults / 2 }
    for (let action = 0; action < scenario.actions; action++) await this.#act()
    disk.faults = SOUND
    disk.exclusive = true
    api.faulty = false
    api.freeze()
    this.world.now = Math.max(this.world.now, ...Object.values(api.tables).map((table) => table.settledAt())) + 1
    this.world.trace?.('--- nothing changes and nothing fails any more')
    await this.#catchUp()
    await this.#refresh()
    await this.#stayEqual()
  }

  /** One run in troubled times: several steps, each of which may end in any way. */
  async #act(): Promise<void> {
    const { world, api } = this
    const dice = this.#dice
    world.now += dice.pick([0, 10, 1500, 90_000])
    if (dice.chance(0.7)) api.mutate(dice.int(0, 3))
    const run: StepOptions = {}
    if (dice.chance(0.25)) run.full = true
    if ((this.scenario.disposition !== 'append' || this.scenario.writes.limits) && dice.chance(0.15))
      run.limit = dice.chance(0.5) || this.scenario.torn ? { pages: dice.int(1, 3) } : { records: dice.int(1, 9) }
    const clockAhead = this.scenario.clockAhead + (dice.chance(0.1) ? dice.int(-60_000, 60_000) : 0)
    world.trace?.(`--- run ${JSON.stringify(run)}`)
    for (let steps = dice.int(1, 4); steps > 0; steps--) {
      const options: StepOptions = { ...run, ...(dice.chance(0.5) && { budget: this.#budget() }) }
      const process = this.spawn(clockAhead)
      if (dice.chance(0.35)) {
        process.fate = {
          at: dice.int(1, dice.pick([15, 40, 100])),
          kind: dice.pick(['crash', 'crash-after', 'crash', 'abort']),
        }
      }
      const second = dice.chance(0.12) ? this.spawn(clockAhead) : undefined
      this.disk.exclusive = second === undefined || dice.chance(0.2)
      const calls = [this.step(process, options)]
      if (second !== undefined)
        calls.push(this.step(second, { ...(dice.chance(0.5) && run), budget: this.#budget() }, dice.int(0, 400)))
      const all = await Promise.all(calls)
      const [ended] = all
      this.#expectTold(all, await this.look(run.full === true))
      if (ended === 'crashed' || ended === 'rejected' || ended === undefined) continue
      if (ended.status === 'done') return
      if (ended.status === 'wait')
        world.now += dice.chance(0.5) ? Math.max(0, (ended.retryAt ?? 0) - process.now()) : dice.int(0, 5000)
    }
  }

  /** What a step says is done is done in the store. */
  #expectTold(all: readonly Ended[], { settled }: Observation): void {
    for (const ended of all) {
      if (typeof ended === 'string' || ended.status !== 'done') continue
      for (const name of this.roots()) {
        const { run } = ended.report
        if ((settled[name] ?? 0) < run)
          throw new Violation('told', `run ${run} of ${name} is done, but not in the store`)
      }
    }
  }

  #budget(): NonNullable<StepOptions['budget']> {
    const dice = this.#dice
    // One for the token.
    const least = this.scenario.oauth ? 1 : 0
    const all = [
      { requests: dice.int(1, 8) + least },
      { requests: dice.int(1, 3) + least },
      { records: dice.int(1, 20) },
      { storageOps: dice.int(20, 80) },
      { wallMs: dice.int(50, 5000) },
      { bytes: dice.int(100, 2000) },
    ] as const
    return dice.pick(all)
  }

  spawn(clockAhead: number): Process {
    const process = new Process(`p${++this.#steps}`, this.world)
    process.clockAhead = clockAhead
    return process
  }

  /** A call of `step` in a process, to its end. */
  async step(process: Process, options: StepOptions, delay = 0): Promise<Ended> {
    const { world, api, disk } = this
    api.calm = false
    const ports = process.ports((url, init) => api.fetch(process, url, init))
    const store: Store = {
      open: () => this.#engine.chunked(disk.mount(process), { ports }),
      drop: () => Promise.reject(new Error('nobody drops anything here')),
    }
    const confirm = this.#confirm !== undefined && this.#dice.chance(0.7) ? { confirm: this.#confirm } : {}
    world.trace?.(`${process.name}: step ${JSON.stringify({ ...options, ...confirm })}`)
    const begun = delay > 0 ? process.wait('beginning', delay, () => {}) : Promise.resolve()
    // A token is in the memory of one process.
    const source: ReturnType<Engine['defineSource']> = this.scenario.oauth
      ? this.#engine.defineSource(sourceOf(this.scenario) as never)
      : this.#source
    const call = begun.then(() =>
      this.#engine.step(source, store, { ...options, ...confirm, ports, signal: process.signal }),
    )
    const result = await world.settle(Promise.race([call, process.crashed]))
    this.#requests += process.requests
    if (process.requests > (options.budget?.requests ?? Number.POSITIVE_INFINITY)) {
      throw new Violation('budget', `${process.requests} requests with a budget of ${options.budget?.requests}`)
    }
    if (process.renewingAtOnce > 1)
      throw new Violation('token', `${process.renewingAtOnce} tokens were asked for at once`)
    if (!process.alive) {
      this.#crashes++
      return 'crashed'
    }
    expectSettled(process)
    if (result.status === 'rejected') {
      expectCoded(process, result.reason)
      world.trace?.(`${process.name}: rejected ${String(result.reason)}`)
      return 'rejected'
    }
    const ended = result.value as StepResult
    this.#confirm = ended.confirm
    if (ended.error !== undefined) expectCoded(process, ended.error)
    for (const [name, report] of Object.entries(ended.report.resources)) expectBalanceOf(name, report)
    world.trace?.(`${process.name}: ${ended.status} ${ended.error?.message ?? ''}`)
    return ended
  }

  async look(anew: boolean): Promise<Observation> {
    // Where nothing was published, nothing is to be seen that was not seen before.
    if (this.#seen !== undefined && this.disk.published === this.#looked) return this.#seen
    this.#looked = this.disk.published
    const dataset = await this.#engine.chunked(this.disk.peek())
    const seen = await observe(dataset)
    const passes = Object.values(seen.passes)
    const refreshed = anew || Object.values(this.#seen?.passes ?? {}).some(({ full }) => full)
    this.laws.check(seen, refreshed)
    this.api.calm = passes.length === 0
    this.#seen = seen
    this.api.stored = new Set(this.names().flatMap((name) => this.laws.taken(name)))
    return seen
  }

  /** Steps until the run is done. Nothing fails by itself now; what failed before may still be told. */
  async finish(options: StepOptions, fates: readonly (Fate | undefined)[] = []): Promise<StepResult> {
    let failures = 0
    for (let step = 0; step < MOST_STEPS; step++) {
      const process = this.spawn(this.scenario.clockAhead)
      process.fate = fates[step]
      const ended = await this.step(process, {
        ...options,
        ...(this.#confirm !== undefined && { confirm: this.#confirm }),
      })
      await this.look(options.full === true)
      if (typeof ended === 'string') continue
      if (ended.status === 'done') return ended
      if (ended.status === 'failed' && ++failures > 3)
        throw new Violation('liveness', `fails for ever: ${ended.error?.message}`)
    }
    throw new Violation('liveness', `not done after ${MOST_STEPS} steps`)
  }

  /** (2) Runs without faults bring every change. */
  async #catchUp(): Promise<void> {
    await this.finish({})
    await this.finish({})
    if (drifts(this.scenario)) return
    for (const name of this.roots()) this.expectAll(name)
    this.#expectNoneGone()
    if (this.scenario.disposition === 'merge') return
    for (const name of this.roots()) this.expectOnly(name)
  }

  /** (2) A full refresh brings the whole truth, in small steps and through crashes, and reads no page twice. */
  async #refresh(): Promise<void> {
    if (this.scenario.disposition === 'append') return
    const dice = this.#dice
    const fates = Array.from(
      { length: 2 },
      (): Fate => ({ at: dice.int(5, 60), kind: dice.pick(['crash', 'crash-after', 'abort']) }),
    )
    const budget = dice.chance(0.5) ? { budget: { requests: dice.int(1, 4) + (this.scenario.oauth ? 1 : 0) } } : {}
    // What is missing for the first time is only marked.
    if (this.scenario.writes.twoStrike) await this.finish({ full: true })
    this.world.trace?.('--- full refresh')
    const { report } = await this.finish({ full: true, ...budget }, fates)
    for (const name of this.names()) {
      this.expectAll(name)
      this.expectOnly(name)
      const counts = report.resources[name]
      const { live, rows } = this.api.tables[name]
      const size = rows.size
      if (
        counts === undefined ||
        !counts.complete ||
        counts.received !== size ||
        counts.added + counts.updated + counts.unchanged !== live.size
      ) {
        throw new Violation('exact', `a full refresh of ${size} rows of ${name} reports ${JSON.stringify(counts)}`)
      }
    }
  }

  /** What is equal is not written again. */
  async #stayEqual(): Promise<void> {
    if (this.scenario.disposition !== 'merge') return
    const { report } = await this.finish({})
    for (const name of this.names()) {
      this.expectAll(name)
      this.expectOnly(name)
      const { added = 0, updated = 0 } = report.resources[name] ?? {}
      if (added + updated > 0)
        throw new Violation('unchanged', `${added} added, ${updated} updated in ${name}, but nothing had changed`)
    }
  }

  roots(): TableName[] {
    return this.scenario.second ? ['items', 'others'] : ['items']
  }

  names(): TableName[] {
    return this.scenario.children === 'none' ? this.roots() : [...this.roots(), 'notes']
  }

  expectAll(name: TableName): void {
    const stored = new Set(this.#seen?.rows[name].map(({ text }) => text))
    const ids = new Set(this.#seen?.rows[name].map(({ id }) => id))
    for (const row of this.api.tables[name].live.values()) {
      const text = row.versions.at(-1)?.text ?? ''
      if (this.scenario.writes.insertOnly ? !ids.has(row.id) : !stored.has(text))
        throw new Violation('lost', `${name} ${row.id} is ${text} in the source, and not in the store`)
    }
  }

  /** What the API has marked as deleted, and what hung on it, is gone. */
  #expectNoneGone(): void {
    const { writes } = this.scenario
    if (!writes.hardDelete || writes.insertOnly) return
    const { items } = this.api.tables
    for (const name of this.names()) {
      for (const { id, parent } of this.#seen?.rows[name] ?? []) {
        if (name !== 'notes' && this.api.tables[name].rows.get(id)?.gone)
          throw new Violation('ghost', `${name} ${id} is marked as deleted in the source, and is in the store`)
        if (name === 'notes' && items.rows.get(parent ?? 0)?.gone)
          throw new Violation('orphan', `note ${id} hangs on ${parent}, which is deleted`)
      }
    }
  }

  expectOnly(name: TableName): void {
    const { live } = this.api.tables[name]
    for (const { id, text } of this.#seen?.rows[name] ?? []) {
      if (this.scenario.writes.insertOnly ? !live.has(id) : live.get(id)?.versions.at(-1)?.text !== text)
        throw new Violation('ghost', `${name} ${id} is ${text} in the store, and not in the source`)
    }
  }
}

/** The config, with a schema that refuses rows that are marked as bad. */
function sourceOf(scenario: Scenario): unknown {
  const config = configOf(scenario)
  if (!scenario.schema) return config
  const validate = (value: unknown) =>
    (value as JsonObject).bad ? { issues: [{ message: 'bad', path: ['bad'] }] } : { value }
  const schema = { '~standard': { version: 1, vendor: 'sim', validate } }
  return { ...config, resources: (config.resources as JsonObject[]).map((resource) => ({ ...resource, schema })) }
}
