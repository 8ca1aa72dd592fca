import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'

/** Keys that lists of records usually have. */
const RECORD_KEYS = /^(?:data|items|results|entries|records|rows|entities|payload|content|objects|values)$/
/** Keys of lists that accompany records and are filled when there are none. */
const SIDE_KEYS = /^(?:errors|warnings|links?|_links|included|facets|aggregations)$/
const DEEPEST = 3

/**
 * Finds the list of records in the body of a first page and returns its path, which `compilePath` reads. It looks at
 * lists under at most three keys: one of objects goes before others, then one with a usual key, then one with something
 * in it, then the first. Where there is no list, the whole body is the record: `$`.
 *
 * Once it has found records, or only one list has a usual key, all later pages of the resource must use the same path: an
 * empty one would be read differently.
 *
 * @example
 * findRecordsPath({ warnings: [], data: [{ id: 1 }] }) // 'data'
 */
export function findRecordsPath(body: JsonValue): string {
  let best = { path: '$', rank: -1 }
  for (const { key, path, value } of membersOf(body)) {
    const rank = Array.isArray(value) ? rankOf(key, value) : -1
    if (rank > best.rank) best = { path, rank }
  }
  return best.path
}

function rankOf(key: string, list: JsonValue[]): number {
  const filled = list.length > 0 && !SIDE_KEYS.test(key)
  return (filled ? (isJsonObject(list[0]) ? 4 : 1) : 0) + (RECORD_KEYS.test(key) ? 2 : 0)
}

/** Whether a path that was found ends in a usual key. */
export function isUsual(path: string): boolean {
  return RECORD_KEYS.test(path.slice(path.lastIndexOf('.') + 1))
}

/** Whether one list and no other has a usual key. Else the path that was found is a guess as long as nothing is at it. */
export function hasOneUsualList(body: JsonValue): boolean {
  const lists = [...membersOf(body)].filter(({ key, value }) => Array.isArray(value) && RECORD_KEYS.test(key))
  return lists.length === 1
}

/** A member of the objects that surround the records. */
export interface Member {
  readonly key: string
  /** As `compilePath` reads it. */
  readonly path: string
  readonly value: JsonValue
  /** The key of the object that it is in; empty at the top. */
  readonly within: string
  readonly siblings: JsonObject
}

/** All members of a body under at most three keys, in its order; lists are not entered. */
export function* membersOf(body: JsonValue, within = '', parent = '', depth = 1): Iterable<Member> {
  if (!isJsonObject(body)) return
  for (const [key, value] of Object.entries(body)) {
    const path = parent + (/^[a-z_][\w-]*$/i.test(key) ? `${parent && '.'}${key}` : `[${JSON.stringify(key)}]`)
    yield { key, path, value, within, siblings: body }
    if (depth < DEEPEST) yield* membersOf(value, key, path, depth + 1)
  }
}
