import type { Dice } from './dice.ts'
import { type Scenario, scenarioOf } from './scenario.ts'

/** A quiet source, and an API and a disk that do not fail: what goes wrong is done by the enumeration alone. */
const quiet: Scenario = {
  ...scenarioOf(0),
  ...{ paginator: 'offset', limit: 3, most: 3, order: 'id', total: true, incremental: true, filters: true },
  ...{ rowOrder: false, epoch: false, granularity: 1000, delay: 0, date: true, disposition: 'merge', children: 'none' },
  ...{ second: false, schema: false, torn: false, rows: 10, inserts: true, updates: true, deletes: true, unrest: 0 },
  ...{ httpFaults: 0, diskFaults: 0, tokenMs: Number.POSITIVE_INFINITY, clockAhead: 0 },
  ...{ chunkBytes: 300, inlineBytes: 200, minPublishMs: 0, actions: 0 },
}

export interface Named {
  readonly name: string
  readonly scenario: Scenario
  /** A first run, before the one that is cut. */
  readonly before: boolean
  /** The run that is cut is a full refresh. */
  readonly full: boolean
}

const named = (name: string, scenario: Partial<Scenario>, before = false, full = false): Named => ({
  name,
  scenario: { ...quiet, ...scenario },
  before,
  full,
})

export const scenarios: readonly Named[] = [
  named('first load, offset', {}),
  named('first load, links, rows inline in the head', { paginator: 'json_link', inlineBytes: 1 << 14 }),
  named('incremental, token', { paginator: 'cursor', order: 'asc', rowOrder: true }, true),
  named('full refresh with a sweep', { paginator: 'cursor' }, true, true),
  named('full refresh, commits of many pages', { minPublishMs: 60_000, chunkBytes: 1 << 16 }, true, true),
  named('replace', { disposition: 'replace' }, true),
  named('append', { disposition: 'append', updates: false, deletes: false }, true),
  named('children', { children: 'plain', rows: 6 }),
  named('full refresh with children', { children: 'incremental', rows: 6 }, true, true),
  named('two resources at once', { second: true }, true, true),
]

/** Retries in the midst: half of the requests of these fail at first. */
export function unsteady({ scenario, ...rest }: Named): Named {
  return { ...rest, name: `${rest.name}, with retries`, scenario: { ...scenario, httpFaults: 0.3 } }
}

export type { Dice }
