import type { JsonObject } from '../../src/json.ts'
import { Dice } from './dice.ts'

/** Everything about a history that is decided before it begins. */
export interface Scenario {
  readonly seed: number
  readonly paginator: 'offset' | 'page_number' | 'cursor' | 'json_link'
  readonly limit: number
  /** Requests need a token, which expires. */
  readonly oauth: boolean
  /** Pages that are asked for at once. */
  readonly window: number
  /** Rows of the page before that each page reads again. */
  readonly overlap: number
  /** Rows that the API gives at most, whatever is asked for. */
  readonly most: number
  readonly order: 'id' | 'asc' | 'desc'
  /** Whether pages say how many rows there are. */
  readonly total: boolean
  readonly incremental: boolean
  /** Whether the API heeds `since`. */
  readonly filters: boolean
  /** Whether the config declares the order. */
  readonly rowOrder: boolean
  readonly epoch: boolean
  readonly granularity: number
  /** Changes become visible so many ms late; the config's `lag` makes up for it. */
  readonly delay: number
  readonly date: boolean
  readonly disposition: 'merge' | 'replace' | 'append'
  readonly children: 'none' | 'plain' | 'incremental'
  readonly second: boolean
  readonly schema: boolean
  /** Pages that were not read in one instant have a row in two states. */
  readonly torn: boolean
  readonly rows: number
  /** What the source does while it is read. */
  readonly inserts: boolean
  readonly updates: boolean
  readonly deletes: boolean
  /** Share of requests with which something changes. */
  readonly unrest: number
  /** Share of requests that fail. */
  readonly httpFaults: number
  readonly diskFaults: number
  /** Page tokens and links of the API are good for so many ms. */
  readonly tokenMs: number
  readonly clockAhead: number
  readonly chunkBytes: number
  readonly inlineBytes: number
  readonly minPublishMs: number
  readonly actions: number
  readonly writes: Writes
}

/** How rows are written, where it is not plainly. */
export interface Writes {
  readonly insertOnly: boolean
  /** Rows that are deleted stay in the lists, marked. */
  readonly hardDelete: boolean
  readonly dedupSort: boolean
  /** Lists have older states of rows, now and then. */
  readonly stale: boolean
  readonly twoStrike: boolean
  readonly maxDeleteRatio: number
  /** Appended tables too are read with `limit`, and by tokens that expire. */
  readonly limits: boolean
}

const PLAIN: Writes = {
  ...{ insertOnly: false, hardDelete: false, dedupSort: false, stale: false, twoStrike: false, limits: false },
  maxDeleteRatio: 0.5,
}

/**
 * Histories of this number and beyond are of a second family: drawn as those of the first, and then how rows are written.
 * Of the first, no number has changed its meaning.
 */
export const WRITES = 2 ** 31

export function scenarioOf(seed: number): Scenario {
  const dice = new Dice(seed)
  const positional = dice.chance(0.5)
  const paginator = positional ? dice.pick(['offset', 'offset', 'page_number']) : dice.pick(['cursor', 'json_link'])
  const disposition = dice.pick(['merge', 'merge', 'merge', 'merge', 'merge', 'replace', 'append'])
  // Appending is exact for rows that never change, and for passes that end: what was appended is not corrected.
  const append = disposition === 'append'
  // What was appended is not corrected: rows that come twice stay twice.
  const order = append ? 'id' : dice.pick(['id', 'id', 'asc', 'desc'])
  const incremental = append || dice.chance(0.75)
  const date = dice.chance(0.6)
  const delay = dice.chance(0.2) ? dice.pick([2000, 20_000]) : 0
  const children = !append && dice.chance(0.2) ? dice.pick(['plain', 'incremental']) : 'none'
  const limit = dice.int(2, 5)
  const drawn: Omit<Scenario, 'oauth' | 'overlap' | 'window'> = {
    seed,
    paginator,
    limit,
    most: paginator === 'offset' && dice.chance(0.3) ? dice.int(1, limit) : limit,
    order,
    total: dice.chance(0.6),
    incremental,
    filters: dice.chance(0.8),
    rowOrder: order !== 'id' && dice.chance(0.4),
    epoch: dice.chance(0.15),
    granularity: dice.pick([1, 1000, 60_000]),
    delay: append ? 0 : delay,
    date,
    disposition,
    children,
    second: dice.chance(0.15),
    schema: !append && dice.chance(children === 'none' ? 0.25 : 0.5),
    torn: !append && dice.chance(0.2),
    rows: dice.int(0, dice.pick([2, 5, 9])),
    inserts: dice.chance(0.8),
    updates: !append && dice.chance(0.8),
    deletes: !append && dice.chance(0.5),
    unrest: dice.pick([0, 0.1, 0.4, 0.8]),
    httpFaults: dice.pick([0, 0, 0.05, 0.2]),
    diskFaults: dice.pick([0, 0, 0.01, 0.05]),
    tokenMs: append
      ? Number.POSITIVE_INFINITY
      : dice.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 60_000]),
    // Without a `Date` header nobody can make up for a clock that is ahead by more than `clockSkew`.
    clockAhead: dice.pick([0, 0, dice.int(-3_600_000, 200_000), date ? dice.int(-3e11, 3e11) : 0]),
    chunkBytes: dice.pick([150, 600, 1 << 16]),
    inlineBytes: dice.pick([0, 300, 1 << 12]),
    minPublishMs: dice.pick([0, 0, 500, 60_000]),
    actions: dice.int(1, 4),
    writes: PLAIN,
  }
  // Drawn last, and not for the seeds that had found something before: those are to play as they did.
  const overlap = paginator === 'offset' && seed >= 1500 && dice.chance(0.6) ? dice.int(1, limit - 1) : 0
  // Where a row counts for two, an offset says how many rows were read only for pages that are full.
  const window = positional && seed >= 1500 && dice.chance(0.4) ? dice.int(2, 4) : 1
  const oauth = seed >= 1500 && dice.chance(0.2)
  const scenario = { ...drawn, oauth, overlap, window, most: drawn.torn ? limit : drawn.most }
  return seed < WRITES ? scenario : { ...scenario, ...drawWrites(scenario, dice) }
}

function drawWrites({ disposition, paginator, total }: Scenario, dice: Dice): Partial<Scenario> {
  if (disposition === 'append') {
    const tokenMs = dice.pick([Number.POSITIVE_INFINITY, 60_000])
    return { writes: { ...PLAIN, limits: true }, tokenMs }
  }
  const insertOnly = dice.chance(0.2)
  const dedupSort = dice.chance(0.5)
  const byToken = paginator === 'cursor' || paginator === 'json_link'
  const writes: Writes = {
    insertOnly,
    hardDelete: dice.chance(0.6),
    dedupSort,
    stale: dedupSort && !insertOnly && dice.chance(0.7),
    // Rows that are left out of a list now and then: what else would show is the count.
    twoStrike: byToken && !total && dice.chance(0.6),
    maxDeleteRatio: dice.pick([0, 0.5, 1]),
    limits: false,
  }
  const children = dice.chance(0.4) ? dice.pick(['plain', 'incremental']) : 'none'
  return { disposition: 'merge', children, deletes: dice.chance(0.8), writes }
}

/**
 * Positional pages shift when rows go or move to the end: those that move up over the border of a page are missed, unless
 * pages overlap and rows that are not deleted stay in their order.
 */
export function drifts({ paginator, order, deletes, updates, overlap, most, torn, total }: Scenario): boolean {
  // A page of one row has none to spare for an overlap, and of one with more rows than were asked for nobody knows which.
  if (overlap > 0 && most > 1 && (total || !torn) && order === 'id') return false
  return (paginator === 'offset' || paginator === 'page_number') && (deletes || (order === 'asc' && updates))
}

/** In falling order, a row that changes before it was read moves to pages that were. The next pass brings it. */
export function overtakes({ order, updates }: Scenario): boolean {
  return order === 'desc' && updates
}

/** The config that a user would write for this API. */
export function configOf(scenario: Scenario): JsonObject {
  const { paginator, limit, overlap, window, total, disposition, children, second, writes } = scenario
  const pages = {
    offset: { type: 'offset', limit, ...(overlap > 0 && { overlap }), window, ...(!total && { totalPath: null }) },
    page_number: { type: 'page_number', basePage: 1, window, ...(!total && { totalPath: null }) },
    cursor: { type: 'cursor', cursorPath: 'next', cursorParam: 'after' },
    json_link: { type: 'json_link', nextUrlPath: 'next' },
  }[paginator]
  const incremental = incrementalOf(scenario)
  const resource = (name: string, path: string, withCursor: boolean): JsonObject => ({
    name,
    primaryKey: 'id',
    writeDisposition: writes === PLAIN || disposition === 'append' ? disposition : mergeOf(writes, name),
    ...((writes.hardDelete || writes.dedupSort) && {
      columns: {
        ...(writes.hardDelete && { gone: { hardDelete: true } }),
        ...(writes.dedupSort && { v: { dedupSort: 'desc' } }),
      },
    }),
    endpoint: { path, dataSelector: 'data', paginator: pages, ...(withCursor && { incremental }) },
  })
  return {
    name: 'sim',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 2 }, ...(scenario.oauth && { auth: AUTH }) },
    resources: [
      resource('items', '/items', scenario.incremental),
      ...(second ? [resource('others', '/others', scenario.incremental)] : []),
      ...(children === 'none'
        ? []
        : [resource('notes', '/items/{resources.items.id}/notes', children === 'incremental')]),
    ],
  }
}

/** Children inherit two strikes. */
function mergeOf({ insertOnly, maxDeleteRatio, twoStrike }: Writes, name: string): JsonObject {
  const strategy = insertOnly ? 'insert-only' : 'upsert'
  return { disposition: 'merge', strategy, maxDeleteRatio, ...(name !== 'notes' && { twoStrike }) }
}

const AUTH = {
  type: 'oauth2_client_credentials',
  accessTokenUrl: 'https://api.example.com/token',
  clientId: 'sim',
  clientSecret: 'sim-secret',
}

function incrementalOf({ delay, order, rowOrder, epoch }: Scenario): JsonObject {
  return {
    cursorPath: 'updated_at',
    startParam: 'since',
    ...(delay > 0 && { lag: Math.ceil(delay / 1000) }),
    ...(rowOrder && { rowOrder: order }),
    ...(epoch && { initialValue: 0 }),
  }
}
