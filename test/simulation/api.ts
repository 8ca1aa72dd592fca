import type { JsonObject } from '../../src/json.ts'
import type { Process } from './process.ts'
import { drifts, type Scenario } from './scenario.ts'
import { canonical, type SourceRow, SourceTable } from './source-model.ts'
import type { World } from './world.ts'

export type TableName = 'items' | 'others' | 'notes'

/** What the network makes of an answer. */
type Fault = 'refused' | 'lost' | 'late' | 'cut' | 'broken' | 'twice' | '429' | '503' | '500' | '401'

/** A source that grows as fast as it is read would be read for ever. */
const MOST_ROWS = 14

/** Every form of `Retry-After`, and what is none. */
const RETRY_AFTER = ['', '1', '30', '0', '-1', '1.5', '1e3', 'soon', '999999999999', 'date', 'past'] as const

/** The API: tables that change while they are read, and a network that fails. */
export class Api {
  readonly tables: Record<TableName, SourceTable>
  readonly world: World
  readonly scenario: Scenario
  /** False: nothing changes and nothing fails any more. */
  restless = true
  faulty = true
  /** True while no pass is open that a change could disturb. */
  calm = true
  /** Pages that were served, in order. */
  readonly served: { readonly path: string; readonly texts: readonly string[] }[] = []
  /** What is in the store: states of rows that a list may be behind of, or rows that it may leave out, with no harm done. */
  stored: ReadonlySet<string> = new Set()
  /** Rows that a list has left out: each once, so in one pass only. */
  readonly #leftOut = new Set<string>()

  /** Until when each token is good. */
  readonly #tokens = new Map<string, number>()

  constructor(scenario: Scenario, world: World) {
    const { granularity, delay, epoch, rows } = scenario
    this.world = world
    this.scenario = scenario
    const table = () => new SourceTable({ granularity, delay, epoch }, world.dice)
    this.tables = { items: table(), others: table(), notes: table() }
    for (let i = 0; i < rows; i++) this.#insert()
  }

  /** Changes the source as its users would. What would shift the pages under a reader waits for a calm moment. */
  mutate(times: number): void {
    const { inserts, updates, deletes, schema } = this.scenario
    const { dice } = this.world
    const shifting = this.calm || drifts(this.scenario) || !isPositional(this.scenario) || this.scenario.overlap > 0
    const kinds: ('insert' | 'update' | 'delete')[] = []
    if (inserts) kinds.push('insert')
    if (updates) kinds.push('update', 'update')
    if (deletes && shifting) kinds.push('delete')
    for (let i = 0; i < times; i++) {
      const [first = 'none', ...others] = kinds
      const kind = dice.pick([first, ...others])
      const tables = [this.tables.items, this.tables.items, this.tables.notes, this.tables.others] as const
      const table = dice.pick(tables)
      const rows = [...table.rows.values()]
      const row = rows[dice.int(0, Math.max(0, rows.length - 1))]
      if (kind === 'insert') this.#insert()
      else if (row === undefined || kind === 'none') continue
      else if (kind === 'update') table.update(row, this.world.now, schema && dice.chance(0.25))
      else this.#remove(table, row)
    }
  }

  /** Mends what the schema refuses, and lets nothing change any more. */
  freeze(): void {
    this.restless = false
    for (const table of Object.values(this.tables)) {
      for (const row of table.rows.values()) {
        if (row.versions.at(-1)?.json.bad) table.update(row, this.world.now)
      }
    }
  }

  #insert(): void {
    const { dice, now } = this.world
    if (this.tables.items.made >= MOST_ROWS) return
    const { children, second } = this.scenario
    const { items, others, notes } = this.tables
    const row = items.insert(now)
    if (second && dice.chance(0.7)) others.insert(now)
    if (children === 'none') return
    const parents = [...items.live.keys()]
    for (let i = dice.int(0, 2); i > 0; i--) {
      const parent = dice.chance(0.7) ? row.id : (parents[dice.int(0, parents.length - 1)] ?? row.id)
      notes.insert(now, parent)
    }
  }

  #remove(table: SourceTable, row: SourceRow): void {
    if (row.gone) return
    if (this.scenario.writes.hardDelete) table.mark(row, this.world.now)
    else table.remove(row)
    const { items, notes } = this.tables
    if (table !== items) return
    for (const note of [...notes.rows.values()]) if (note.parent === row.id) notes.remove(note)
  }

  fetch(process: Process, url: string, init: RequestInit | undefined): Promise<Response> {
    if (!url.endsWith('/token')) return this.#fetch(process, url, init)
    process.renewingAtOnce = Math.max(process.renewingAtOnce, ++process.renewing)
    return this.#fetch(process, url, init).finally(() => process.renewing--)
  }

  #fetch(process: Process, url: string, init: RequestInit | undefined): Promise<Response> {
    const { world } = this
    const { dice } = world
    process.requests++
    const fault = this.faulty && dice.chance(this.scenario.httpFaults) ? this.#fault() : undefined
    const path = url.replace('https://api.example.com', '')
    const shown = `${process.name}: GET ${path}${fault ? ` [${fault}]` : ''}`
    return abortable(init?.signal, async () => {
      if (fault === 'refused') {
        await process.wait(`${path} refused`, 5, () => {}, networkFailure)
        world.trace?.(shown)
        throw networkFailure()
      }
      const answer = await process.wait(
        `${path} sent`,
        dice.int(1, 100),
        () => this.#serve(path, fault, shown, new Headers(init?.headers).get('authorization')),
        networkFailure,
      )
      if (fault === 'lost') return new Promise(() => {})
      const slow = fault === 'late' ? 200_000 : dice.chance(0.35) ? dice.int(100, 6000) : dice.int(1, 50)
      if (this.restless && dice.chance(this.scenario.unrest)) {
        world.after(dice.int(0, slow), () => this.restless && this.mutate(dice.int(1, 2)))
      }
      return process.wait(`${path} answered`, slow, () => this.#respond(url, answer, fault), networkFailure)
    })
  }

  /** Some are good for less long than the endpoint says. */
  #token(fault: Fault | undefined): Answer {
    const { dice, now } = this.world
    const status = statusOf(fault)
    const token = `t${this.#tokens.size}`
    // When nothing is to fail any more, none expires.
    const seconds = dice.int(5, 120) + (this.faulty ? 0 : 3600)
    if (status === 200)
      this.#tokens.set(`Bearer ${token}`, now + (dice.chance(0.2) && this.faulty ? seconds * 100 : seconds * 1000))
    const body = status === 200 ? { access_token: token, token_type: 'Bearer', expires_in: seconds } : { error: status }
    return { status, body, ids: [], texts: [] }
  }

  #fault(): Fault {
    return this.world.dice.pick(['refused', 'lost', 'late', 'cut', 'broken', 'twice', '429', '503', '500', '401'])
  }

  /** The answer, made in one instant: what changes afterwards is not in it. */
  #serve(path: string, fault: Fault | undefined, shown: string, authorization: string | null): Answer {
    const { world, scenario } = this
    if (path === '/token') return this.#token(fault)
    if (this.restless && world.dice.chance(scenario.unrest)) this.mutate(world.dice.int(1, 3))
    if (fault === 'twice') this.#page(path)
    const refused = scenario.oauth && (this.#tokens.get(authorization ?? '') ?? 0) < world.now
    const status = refused ? 401 : statusOf(fault)
    const answer = status === 200 ? this.#page(path) : { status, body: { error: status }, ids: [], texts: [] }
    world.trace?.(`${shown} -> ${answer.status} [${answer.ids.join(' ')}]`)
    if (status === 200) this.served.push({ path, texts: answer.texts })
    return answer
  }

  #respond(url: string, { status, body }: Answer, fault: Fault | undefined): Response {
    const { world, scenario } = this
    const headers = new Headers({ 'content-type': 'application/json' })
    if (scenario.date) headers.set('date', new Date(world.now).toUTCString())
    if (status === 429 || status === 503) {
      const form = world.dice.pick(RETRY_AFTER)
      const date = { date: world.now + 20_000, past: world.now - 20_000 }[form as 'date' | 'past']
      if (form !== '') headers.set('retry-after', date === undefined ? form : new Date(date).toUTCString())
    }
    const text = JSON.stringify(body)
    const half = Math.floor(text.length / 2)
    const whole = fault !== 'cut' && fault !== 'broken'
    return response(url, status, headers, whole ? text : text.slice(0, half), fault === 'broken')
  }

  #mayBeStale(name: TableName, { id }: SourceRow, { v }: JsonObject): boolean {
    const { writes } = this.scenario
    return writes.stale && this.restless && this.stored.has(stateOf(name, id, v)) && this.world.dice.chance(0.3)
  }

  #mayLeaveOut(name: TableName, { id, gone }: SourceRow, { v }: JsonObject): boolean {
    const { writes } = this.scenario
    if (!writes.twoStrike || gone || !this.restless || !this.stored.has(stateOf(name, id, v))) return false
    const below = name === 'items' ? [...this.tables.notes.rows.values()].filter(({ parent }) => parent === id) : []
    const all = [`${name} ${id}`, ...below.map((note) => `notes ${note.id}`)]
    if (all.some((each) => this.#leftOut.has(each)) || !this.world.dice.chance(0.15)) return false
    for (const each of all) this.#leftOut.add(each)
    return true
  }

  #page(path: string): Answer {
    const { scenario, world } = this
    const url = new URL(path, 'https://api.example.com')
    const { name, parent } = parsePath(url.pathname)
    const table = this.tables[name]
    const since = url.searchParams.get('since')
    const from = since === null || !scenario.filters ? Number.NEGATIVE_INFINITY : instant(since)
    const states = [...table.rows.values()].flatMap((row) => {
      const version = row.parent === parent ? table.seen(row, world.now) : undefined
      return version === undefined || version.updated < from
        ? []
        : { row, version, rank: rankOf(scenario, row.id, version.updated) }
    })
    states.sort((a, b) => a.rank - b.rank || a.row.id - b.row.id)
    const { limit, most } = scenario
    const after = url.searchParams.get('after')
    const until = url.searchParams.get('until')
    if (until !== null && Number(until) < world.now)
      return { status: 410, body: { error: 'expired' }, ids: [], texts: [] }
    let start = 0
    if (scenario.paginator === 'offset') start = Number(url.searchParams.get('offset'))
    else if (scenario.paginator === 'page_number') start = (Number(url.searchParams.get('page')) - 1) * limit
    else if (after !== null) {
      const [rank = 0, id = 0, expiry = 0] = after.split('_').map(Number)
      if (expiry > 0 && expiry < world.now) return { status: 410, body: { error: 'expired' }, ids: [], texts: [] }
      const at = states.findIndex((state) => state.rank > rank || (state.rank === rank && state.row.id > id))
      start = at < 0 ? states.length : at
    }
    const page = states.slice(start, start + most)
    const data = page.flatMap(({ row, version }) => {
      if (this.#mayLeaveOut(name, row, version.json)) return []
      const earlier = this.#mayBeStale(name, row, version.json) ? table.before(row, world.now) : undefined
      if (earlier !== undefined && earlier.updated >= from) return [earlier.json]
      const old = scenario.torn && this.restless && world.dice.chance(0.2) ? table.before(row, world.now) : undefined
      return old === undefined || old.updated < from ? [version.json] : [old.json, version.json]
    })
    const last = page.at(-1)
    const more = last !== undefined && start + most < states.length
    const expiry = Number.isFinite(scenario.tokenMs) ? `_${world.now + scenario.tokenMs}` : ''
    const token = more ? `${last.rank}_${last.row.id}${expiry}` : null
    const next = new URL(url)
    if (token !== null) next.searchParams.set('after', token)
    const count = scenario.paginator === 'page_number' ? Math.ceil(states.length / limit) : states.length
    return {
      status: 200,
      body: {
        data,
        ...(scenario.total && { total: count }),
        ...(scenario.paginator === 'cursor' && { next: token }),
        ...(scenario.paginator === 'json_link' && { next: more ? next.href : null }),
      },
      ids: data.map(({ id, v }) => `${id}:${v}`),
      texts: data.map(canonical),
    }
  }
}

/** A state of a row as `Api.stored` names it. */
export function stateOf(name: TableName, id: number, v: unknown): string {
  return `${name} ${id} ${v}`
}

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly ids: readonly string[]
  readonly texts: readonly string[]
}

function isPositional({ paginator }: Scenario): boolean {
  return paginator === 'offset' || paginator === 'page_number'
}

function statusOf(fault: Fault | undefined): number {
  return fault === '429' || fault === '503' || fault === '500' || fault === '401' ? Number(fault) : 200
}

function parsePath(pathname: string): { name: TableName; parent: number | undefined } {
  const [, root, id, child] = pathname.split('/')
  return child === undefined
    ? { name: root as TableName, parent: undefined }
    : { name: child as TableName, parent: Number(id) }
}

function rankOf({ order }: Scenario, id: number, updated: number): number {
  return order === 'id' ? id : order === 'asc' ? updated : -updated
}

function instant(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text)
}

function networkFailure(): TypeError {
  return new TypeError('fetch failed')
}

/** As `fetch` does it: an abort rejects at once, whatever the network does. */
function abortable<T>(signal: AbortSignal | null | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work()
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

const encoder = new TextEncoder()

/** What the engine uses of a response. The platform's own take ten times as long to make and to read. */
function response(url: string, status: number, headers: Headers, text: string, breaks: boolean): Response {
  const parts = [encoder.encode(text)]
  const body = {
    getReader: () => ({
      async read() {
        const value = parts.shift()
        if (value !== undefined) return { done: false, value }
        if (breaks) throw new TypeError('terminated')
        return { done: true, value }
      },
      cancel: async () => {},
    }),
    cancel: async () => {},
  }
  const fields = { status, ok: status < 300, headers, body, url, type: 'basic', redirected: false }
  return fields as unknown as Response
}
