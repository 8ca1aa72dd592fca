import type { JsonObject } from '../json.ts'
import { BIT, type InferredTable } from './column.ts'
import { cut, fromColumn, learnFields, type Shape, toColumn, weigh } from './shape.ts'

/** Levels of objects and arrays that are described; the row is the first. */
const DEPTH = 8
/** A table with more columns than this is described as a map. */
const MOST_COLUMNS = 1000
/** What a table's description may hold: beyond that, its deepest level is left out. */
const MOST_WEIGHT = 65_536

/** The columns that are new, and those of which something more is known, within them too. */
export interface SchemaNews {
  added: string[]
  changed: string[]
}

/** Grows what is known of a table by rows. The result is the same whatever the order of the rows and their pages. */
export class Inference {
  /** What is known of the rows: they are objects. */
  readonly root: Shape
  #depth: number
  /** The columns before what was learned since. */
  #known: ReadonlySet<string>
  readonly #grown = new Set<string>()
  #grew = false

  /** Goes on from what was stored. */
  constructor(stored?: InferredTable) {
    const { columns = {}, values, depth = DEPTH, unseen = stored === undefined } = stored ?? {}
    this.root = fromColumn({ types: unseen ? 0 : BIT.object, ...(values ? { values } : { fields: columns }) })
    this.#depth = depth
    this.#known = new Set(Object.keys(columns))
  }

  add(rows: readonly JsonObject[]): void {
    const root = this.root
    let grew = false
    for (const row of rows) {
      const first = root.types === 0
      root.types = BIT.object
      if (learnFields(root, row, this.#depth, first, MOST_COLUMNS, this.#grown) || first) grew = true
    }
    if (!grew) return
    this.#grew = true
    const before = this.#depth
    while (weigh(root, this.#depth, MOST_COLUMNS) > MOST_WEIGHT) this.#depth--
    if (this.#depth < before) cut(root, this.#depth)
  }

  /** What was learned since it was last asked; `undefined`: nothing. */
  take(): SchemaNews | undefined {
    if (!this.#grew) return undefined
    const { fields } = this.root
    // Of a table that has become a map, no column is told apart.
    const grown = [...this.#grown].filter((name) => fields?.has(name))
    const known = this.#known
    this.#known = new Set(fields?.keys())
    this.#grown.clear()
    this.#grew = false
    return { added: grown.filter((name) => !known.has(name)), changed: grown.filter((name) => known.has(name)) }
  }

  /** What is known now, to be grown apart from it. */
  fork(): Inference {
    return new Inference(this.toJSON())
  }

  /** As it is stored. */
  toJSON(): InferredTable {
    const { types, fields: columns = {}, values } = toColumn(this.root)
    const table: InferredTable = { columns }
    if (values) table.values = values
    if (types === 0) table.unseen = true
    if (this.#depth < DEPTH) table.depth = this.#depth
    return table
  }
}
