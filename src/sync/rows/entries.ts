import type { Resource } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import { type JsonObject, type JsonValue, jsonType, own } from '../../json.ts'
import type { ColumnContract, Checked as Fit } from '../../schema/contract.ts'
import type { Entry } from '../../store/dataset.ts'
import { encodeKey, type Key } from '../../store/key.ts'
import type { ShapedRow } from './shape.ts'
import { type Rejected, validate } from './validate.ts'

/** A row with its key. */
export interface KeyedRow extends Entry {
  /** Marked as deleted by the API. */
  readonly deletes?: true
}

/** Rows of a page, ready to be stored. */
export interface KeyedPage {
  /** Each key once, under its encoded form; of several rows with one key the last, where no rules say otherwise. */
  readonly rows: ReadonlyMap<string, KeyedRow>
  readonly duplicates: number
  readonly rejected: readonly Rejected[]
  /** Of the rows, those that lack a value which a contract refuses, under their encoded key. */
  readonly trimmed: ReadonlyMap<string, Rejected>
  /** Values that were brought to the type of their column. */
  readonly coerced: number
}

/** How the rows of a page get their keys. */
export interface Keying {
  /** The key fields; empty: rows are keyed by their place. */
  readonly fields: readonly string[]
  /** Set by the first row of a table. */
  types?: KeyTypes
  readonly pass: number
  /** The place of the first row in the pass. Its page is none: an API may cut another reading into other pages. */
  readonly row: number
  /** Set where rows of one key are not simply put in the place of each other. */
  readonly rules?: Rules | undefined
  readonly contract?: ColumnContract | undefined
}

interface Rules {
  /** Rows that are stored stay as they are. */
  readonly keep: boolean
  isDeleting(row: JsonObject | undefined, record: JsonValue): boolean
  stays(held: KeyedRow, next: KeyedRow): boolean
}

/** One type per key field, fixed by the first row of a table: ids of two types are two ways to name one record. */
export type KeyTypes = ('string' | 'number')[]

/** The key fields of a table, empty where rows are appended, and their types. */
export interface TableKeys {
  readonly fields: readonly string[]
  types?: KeyTypes
}

/** Validates and keys the rows of one page. Sets `keying.types` from the first row of a table. */
export async function keyRows(resource: Resource, rows: readonly ShapedRow[], keying: Keying): Promise<KeyedPage> {
  const keyed = new Map<string, KeyedRow>()
  const rejected: Rejected[] = []
  const trimmed = new Map<string, Rejected>()
  const { rules, contract } = keying
  let duplicates = 0
  let coerced = 0
  const notNull = Object.keys(resource.columns).filter((column) => resource.columns[column]?.nullable === false)
  for (const [index, shaped] of rows.entries()) {
    const { value } = shaped
    const checked = validate(resource.schema, shaped)
    // Most rows need no waiting, and an await per row would cost more than all the rest.
    const judged = checked instanceof Promise ? await checked : checked
    const deletes = rules?.isDeleting('code' in judged ? undefined : judged.value, value) === true
    // Of a row that is gone, its key is all that is needed.
    const raw = deletes && 'code' in judged ? { value: value as JsonObject } : judged
    if ('code' in raw) {
      rejected.push(asReceived(raw, shaped))
      continue
    }
    const row = (contract && !deletes ? contract.check(raw.value) : raw) as { value: JsonObject } & Partial<Fit>
    coerced += row.coerced ?? 0
    const breach = row.mode && asReceived(violation(resource, row, value), shaped)
    if (breach && row.mode === 'discard_row') {
      rejected.push(breach)
      continue
    }
    const empty = deletes ? undefined : notNull.find((column) => (own(row.value, column) ?? null) === null)
    if (empty !== undefined) {
      const reason = `the column \`${empty}\` is not nullable, and has nothing`
      rejected.push(asReceived({ code: 'null_in_not_null_column', reason, record: value }, shaped))
      continue
    }
    if (keying.fields.length === 0) {
      if (row.teaches) contract?.learn(row.value)
      const place = keying.row + index
      const id = String(place)
      if (breach) trimmed.set(id, breach)
      keyed.set(id, { key: [keying.pass, place], value: row.value })
      continue
    }
    const key = keyOf(row.value, keying)
    if (isRejection(key)) {
      rejected.push(asReceived({ ...key, record: value }, shaped))
      continue
    }
    if (row.teaches) contract?.learn(row.value)
    const id = encodeKey(key)
    const next: KeyedRow = deletes ? { key, value: row.value, deletes } : { key, value: row.value }
    const held = keyed.get(id)
    if (held !== undefined) duplicates++
    if (held !== undefined && rules?.stays(held, next)) continue
    // Deleted first, so that the later row also takes the later place.
    keyed.delete(id)
    keyed.set(id, next)
    trimmed.delete(id)
    if (breach) trimmed.set(id, breach)
  }
  return { rows: keyed, duplicates, rejected, trimmed, coerced }
}

/** What goes to quarantine is what came, before the steps: they may be what is mended. */
function asReceived(rejected: Rejected, { from, part }: ShapedRow): Rejected {
  return from === undefined ? rejected : { ...rejected, record: from, ...(part && { part }) }
}

/** What does not fit the contract: thrown where it freezes the table. */
function violation({ name }: Resource, { mode, reason }: Partial<Fit>, record: JsonValue): Rejected {
  const what = `the schema contract refuses it: ${reason}`
  if (mode !== 'freeze') return { code: 'contract_violation', reason: what, record }
  throw new SynclineError('contract_violation', what, {
    resource: name,
    hint: 'The cursor has not moved. If the change is right, let `schemaContract` evolve for a run: the next goes on here.',
  })
}

type Rejection = Pick<Rejected, 'code' | 'reason'>

function isRejection(key: Key | Rejection): key is Rejection {
  return typeof key === 'object' && 'code' in key
}

function keyOf(row: JsonObject, keying: Keying): Key | Rejection {
  const parts: (string | number)[] = []
  for (const field of keying.fields) {
    const part = own(row, field)
    if (part === undefined) return { code: 'key_column_missing', reason: `the key field \`${field}\` is missing` }
    if (typeof part !== 'string' && typeof part !== 'number') {
      return {
        code: 'key_invalid',
        reason: `the key field \`${field}\` is ${jsonType(part)}, not a string or a number`,
      }
    }
    if (typeof part === 'number' && Number.isInteger(part) && !Number.isSafeInteger(part)) {
      return { code: 'unsafe_integer', reason: `the key field \`${field}\` is an integer beyond 2^53-1` }
    }
    parts.push(part)
  }
  const types = parts.map((part) => (typeof part === 'string' ? 'string' : 'number'))
  keying.types ??= types
  const mixed = types.findIndex((type, index) => type !== keying.types?.[index])
  if (mixed >= 0) {
    const [field, type, other] = [keying.fields[mixed], types[mixed], keying.types[mixed]]
    return { code: 'key_type_mixed', reason: `the key field \`${field}\` is a ${type}, in other rows a ${other}` }
  }
  const [first] = parts
  return parts.length === 1 && first !== undefined ? first : parts
}
