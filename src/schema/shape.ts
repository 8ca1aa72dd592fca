import type { JsonObject, JsonValue } from '../json.ts'
import { BIT, type Column, impliedBy, widen } from './column.ts'
import { bitOfText } from './text-type.ts'

/** An object with more names than this is a map: its names are data. */
export const MOST_FIELDS = 100

/**
 * What is known of the values at one place. It follows from the set of the values alone, however they are ordered or
 * divided: two shapes join to the shape of both sets. That holds for the bounds too, since names only ever come to be more,
 * and what is known of a map is the join of what was known of its fields.
 */
export class Shape {
  types = 0
  nulls = false
  /** An object lacked this field. */
  gaps = false
  /** Of objects, as `Column` has them: with none of the two, nothing is known within. */
  fields: Map<string, Shape> | undefined = undefined
  values: Shape | undefined = undefined
  /** Of arrays. */
  items: Shape | undefined = undefined
  /** The number of fields that no object has lacked. */
  required = 0
}

/** Takes a value in, `depth` levels of it. True when something was learned. */
export function learn(shape: Shape, value: JsonValue, depth: number): boolean {
  if (value === null) {
    if (shape.nulls) return false
    shape.nulls = true
    return true
  }
  const bit = bitOf(value, shape.types)
  const fresh = (shape.types & bit) === 0 && (impliedBy(shape.types) & bit) === 0
  if (fresh) shape.types = widen(shape.types | bit)
  if (bit < BIT.object) return fresh
  if (fresh && depth > 0) {
    if (bit === BIT.object) shape.fields = new Map()
    else shape.items = new Shape()
  }
  const grew = Array.isArray(value)
    ? learnItems(shape, value, depth)
    : learnFields(shape, value as JsonObject, depth, fresh)
  return fresh || grew
}

/** The bit of a value's type. Text is not looked into where text is known already. */
export function bitOf(value: Exclude<JsonValue, null>, known: number): number {
  switch (typeof value) {
    case 'boolean':
      return BIT.boolean
    case 'number':
      return Number.isInteger(value) ? BIT.integer : BIT.number
    case 'string':
      return known & BIT.string ? BIT.string : bitOfText(value)
    default:
      return Array.isArray(value) ? BIT.array : BIT.object
  }
}

function learnItems({ items }: Shape, list: readonly JsonValue[], depth: number): boolean {
  let grew = false
  if (items !== undefined) for (const item of list) if (learn(items, item, depth - 1)) grew = true
  return grew
}

/** `first`: no object was here before. `grown` gets the names of the fields of which something was learned. */
export function learnFields(
  shape: Shape,
  object: JsonObject,
  depth: number,
  first: boolean,
  most = MOST_FIELDS,
  grown?: Set<string>,
): boolean {
  const { fields, values } = shape
  let grew = false
  let required = 0
  for (const name in object) {
    const value = object[name]
    if (value === undefined) continue
    if (values !== undefined && learn(values, value, depth - 1)) grew = true
    if (fields === undefined) continue
    let field = fields.get(name)
    if (field === undefined) {
      field = new Shape()
      field.gaps = !first
      if (first) shape.required++
      fields.set(name, field)
    }
    if (!field.gaps) required++
    if (!learn(field, value, depth - 1)) continue
    grew = true
    grown?.add(name)
  }
  if (fields === undefined) return grew
  if (required < shape.required) {
    grew = true
    noteGaps(shape, fields, (name) => Object.hasOwn(object, name) && object[name] !== undefined, grown)
  }
  if (fields.size > most) toMap(shape, fields, depth)
  return grew
}

function noteGaps(
  shape: Shape,
  fields: ReadonlyMap<string, Shape>,
  has: (name: string) => boolean,
  grown?: Set<string>,
): void {
  for (const [name, field] of fields) {
    if (field.gaps || has(name)) continue
    field.gaps = true
    shape.required--
    grown?.add(name)
  }
}

function toMap(shape: Shape, fields: ReadonlyMap<string, Shape>, depth: number): Shape {
  const values = new Shape()
  for (const field of fields.values()) join(values, field, depth - 1)
  values.gaps = false
  shape.values = values
  shape.fields = undefined
  shape.required = 0
  return values
}

/** Takes into `a` all that `b` knows; `b` is of no use afterwards. */
export function join(a: Shape, b: Shape, depth: number, most = MOST_FIELDS): void {
  a.nulls ||= b.nulls
  a.gaps ||= b.gaps
  const both = a.types & b.types
  if (both & BIT.object) joinObjects(a, b, depth, most)
  else if (b.types & BIT.object) {
    a.fields = b.fields
    a.values = b.values
    a.required = b.required
  }
  if ((both & BIT.array) === 0) a.items ??= b.items
  else if (a.items !== undefined && b.items !== undefined) join(a.items, b.items, depth - 1)
  else a.items = undefined
  a.types = widen(a.types | b.types)
}

function joinObjects(a: Shape, b: Shape, depth: number, most: number): void {
  const { fields, values } = a
  if (fields !== undefined && b.fields !== undefined) {
    const theirs = b.fields
    noteGaps(a, fields, (name) => theirs.has(name))
    for (const [name, field] of theirs) {
      const own = fields.get(name)
      if (own === undefined) fields.set(name, field)
      else join(own, field, depth - 1)
      if (own === undefined) field.gaps = true
    }
    a.required = [...fields.values()].filter(({ gaps }) => !gaps).length
    if (fields.size > most) toMap(a, fields, depth)
    return
  }
  const mine = values ?? (fields && toMap(a, fields, depth))
  const other = b.values ?? (b.fields && toMap(b, b.fields, depth))
  if (mine !== undefined && other !== undefined) join(mine, other, depth - 1)
  // Nothing is known within one of them, and so of both.
  else a.values = undefined
}

/**
 * A bound of all that a shape may ever hold, down to a depth. It never falls when something is learned: a map counts for
 * more than the fields that it was made of.
 */
export function weigh({ fields, values, items }: Shape, depth: number, most = MOST_FIELDS): number {
  let weight = 1
  if (depth <= 0) return weight
  for (const field of fields?.values() ?? []) weight += weigh(field, depth - 1)
  if (values !== undefined) weight += (most + 1) * weigh(values, depth - 1)
  return items === undefined ? weight : weight + weigh(items, depth - 1)
}

/** Forgets what lies deeper. */
export function cut(shape: Shape, depth: number): void {
  const { fields, values, items } = shape
  if (depth <= 0) shape.fields = shape.values = shape.items = undefined
  else for (const part of [...(fields?.values() ?? []), values, items]) if (part) cut(part, depth - 1)
}

export function fromColumn({ types, nulls, gaps, fields, values, items }: Column): Shape {
  const shape = new Shape()
  shape.types = widen(types)
  shape.nulls = nulls ?? false
  shape.gaps = gaps ?? false
  if (fields !== undefined)
    shape.fields = new Map(Object.entries(fields).map(([name, field]) => [name, fromColumn(field)]))
  shape.required = Object.values(fields ?? {}).filter((field) => !field.gaps).length
  if (values !== undefined) shape.values = fromColumn(values)
  if (items !== undefined) shape.items = fromColumn(items)
  return shape
}

export function toColumn({ types, nulls, gaps, fields, values, items }: Shape): Column {
  const column: Column = { types }
  if (nulls) column.nulls = true
  if (gaps) column.gaps = true
  if (fields) column.fields = Object.fromEntries([...fields].map(([name, field]) => [name, toColumn(field)] as const))
  if (values) column.values = toColumn(values)
  if (items) column.items = toColumn(items)
  return column
}
