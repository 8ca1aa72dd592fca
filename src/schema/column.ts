import type { DataType } from '../config/resolved.ts'

/** Types as bits, so that a set of them is a number. */
export const BIT = {
  boolean: 1,
  integer: 2,
  number: 4,
  string: 8,
  timestamp: 16,
  date: 32,
  object: 64,
  array: 128,
} as const

/** What is known of a column, or of a place within its values, as it is stored. */
export interface Column {
  /** A set of `BIT`. 0: only nulls so far, or nothing at all. */
  types: number
  /** A value was null. */
  nulls?: true
  /** An object lacked the field. */
  gaps?: true
  /** Of objects. With neither this nor `values`, nothing is known within them. */
  fields?: Record<string, Column>
  /** Of objects that are maps: of all their values. */
  values?: Column
  /** Of arrays: of all their items. Without it, nothing is known within them. */
  items?: Column
}

/** What a config says of a column. */
export interface StoredHint {
  dataType?: DataType
  nullable?: boolean
}

/** What is known of a table, as it is stored. */
export interface InferredTable {
  columns: Record<string, Column>
  /** With too many columns to tell them apart: what is known of all values; `columns` is empty. */
  values?: Column
  /** No row has come: a column that comes later has no gaps. */
  unseen?: true
  /** What the config says of its columns. */
  hints?: Record<string, StoredHint>
  /** Levels that are described, where they are fewer than usual. */
  depth?: number
}

/**
 * A set without the types that widen to others of it: integer to number, date to timestamp, both to string. What does not
 * widen stays side by side.
 */
export function widen(types: number): number {
  return types & ~impliedBy(types)
}

/** The types whose values need nothing new in a set: they widen to one of it. */
export function impliedBy(types: number): number {
  const integer = types & BIT.number ? BIT.integer : 0
  if (types & BIT.string) return integer | BIT.timestamp | BIT.date
  return types & BIT.timestamp ? integer | BIT.date : integer
}
