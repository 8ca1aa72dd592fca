import type { ContractMode, DataType, Resource, SchemaContract } from '../config/resolved.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { coerce } from './coerce.ts'
import type * as Columns from './column.ts'
import type { Inference } from './infer.ts'
import type * as Shapes from './shape.ts'

type Shape = Shapes.Shape

/** What the engine has already: imported here, it would be split from it. */
type Parts = Pick<typeof Columns, 'BIT' | 'impliedBy' | 'widen'> & Pick<typeof Shapes, 'bitOf'>

/** What is left of a row, and what was done to it. */
export interface Checked {
  /** With the values that `columns` gives another type, and without those that are discarded. */
  readonly value: JsonObject
  /** Values that were converted. */
  readonly coerced: number
  /** The strictest mode of all that does not fit. */
  readonly mode: Exclude<ContractMode, 'evolve'> | undefined
  /** Paths and types, never values. */
  readonly reason: string
  /** Rows that come after it have to fit what it brings: a column, or the first type at some place. */
  readonly teaches: boolean
}

/** In the place of a value that is discarded. */
const GONE = Symbol()

const STRICTEST = ['freeze', 'discard_row', 'discard_value'] as const

/**
 * What `columns` and `schemaContract` say about the rows of one resource: values are brought to the configured types, then
 * compared with what is known of the table, and with the rows of the same page that were taken before: so it does not
 * matter how rows are divided into pages.
 */
export class ColumnContract {
  readonly #types = new Map<string, DataType>()
  readonly #known: ReadonlySet<string>
  readonly #keys: readonly string[]
  /** Begins the fields that come from the parent, which the config has asked for. */
  readonly #inherited: string | undefined
  /** What is known with the rows that were taken since `begin`. Most pages bring nothing new, and have none. */
  #draft: Inference | undefined
  #found: { mode: Exclude<ContractMode, 'evolve'>; reason: string }[] = []
  #teaches = false

  constructor(
    { columns, primaryKey, parent }: Resource,
    /** Of the table: what was stored, and the pages that are on their way. */
    readonly inference: Inference,
    /** Undefined: the table is new, and all fits. */
    readonly modes: Pick<SchemaContract, 'columns' | 'dataType'> | undefined,
    readonly parts: Parts,
  ) {
    for (const [name, { dataType }] of Object.entries(columns)) if (dataType) this.#types.set(name, dataType)
    this.#known = new Set(Object.keys(columns))
    this.#keys = primaryKey
    this.#inherited = parent && `_${parent}_`
  }

  /** From here on, rows are compared with `inference` alone: the rows before are in it, or were not stored. */
  begin(): void {
    this.#draft = undefined
  }

  /** A row was taken: those after it have to fit it too. */
  learn(row: JsonObject): void {
    this.#draft ??= this.inference.fork()
    this.#draft.add([row])
  }

  check(row: JsonObject): Checked {
    this.#found = []
    this.#teaches = false
    let value = row
    let coerced = 0
    for (const [name, type] of this.#types) {
      const before = Object.hasOwn(row, name) ? row[name] : undefined
      const after = before === undefined ? before : coerce(before, type)
      if (after === undefined || after === before) continue
      if (value === row) value = { ...row }
      value[name] = after
      coerced++
    }
    const left = this.modes === undefined ? value : this.#object((this.#draft ?? this.inference).root, value, '')
    const found = this.#found
    const mode = STRICTEST.find((each) => found.some((one) => one.mode === each))
    const more = found.length > 5 ? ` and ${found.length - 5} more` : ''
    const reasons = found.slice(0, 5).map(({ reason }) => reason)
    return { value: left, coerced, mode, reason: `${reasons.join(', ')}${more}`, teaches: this.#teaches }
  }

  /** Nothing is copied where all fits. */
  #object({ fields, values }: Shape, object: JsonObject, path: string): JsonObject {
    // Nothing is known within: it lies too deep.
    if (fields === undefined && values === undefined) return object
    const left = Object.entries(object).map(([name, value]) => {
      const at = path === '' ? name : `${path}.${values ? '*' : name}`
      const known = values ?? fields?.get(name)
      const free = path === '' && (this.#known.has(name) || (this.#inherited && name.startsWith(this.#inherited)))
      if (known !== undefined || free) return [name, this.#value(known, value, at, path === '')] as const
      return [name, this.#refuse('columns', `\`${at}\` is new`, at, value)] as const
    })
    if (left.every(([name, value]) => value === object[name])) return object
    return Object.fromEntries(left.filter((each): each is [string, JsonValue] => each[1] !== GONE))
  }

  #value(shape: Shape | undefined, value: JsonValue, at: string, top = false): JsonValue | typeof GONE {
    const { BIT, bitOf, impliedBy, widen } = this.parts
    const type = top ? this.#types.get(at) : undefined
    const types = widen((shape?.types ?? 0) | (type === undefined || type === 'null' ? 0 : BIT[type]))
    if (value === null) return value
    const bit = bitOf(value, types)
    const seen = shape?.types ?? 0
    if (((seen | impliedBy(seen)) & (seen === types ? bit : bitOf(value, seen))) === 0) this.#teaches = true
    // So far only null, or nothing: the first type is free.
    if (types === 0) return value
    if (((types | impliedBy(types)) & bit) === 0) {
      const names = (set: number) => (Object.keys(BIT) as (keyof typeof BIT)[]).filter((name) => set & BIT[name])
      return this.#refuse('dataType', `\`${at}\` is ${names(bit)}, and was ${names(types).join(' or ')}`, at, value)
    }
    if (!Array.isArray(value)) return bit === BIT.object && shape ? this.#object(shape, value as JsonObject, at) : value
    const items = shape?.items
    if (items === undefined) return value
    const left = value.map((item) => this.#value(items, item, `${at}[]`))
    // A list without some of its items would be another list.
    if (left.includes(GONE)) return GONE
    return left.every((item, index) => item === value[index]) ? value : (left as JsonValue[])
  }

  #refuse(kind: 'columns' | 'dataType', what: string, at: string, value: JsonValue): JsonValue | typeof GONE {
    const mode = this.modes?.[kind] ?? 'evolve'
    if (mode === 'evolve') {
      this.#teaches = true
      return value
    }
    // A row without its key is none.
    const strict = mode === 'discard_value' && this.#keys.includes(at) ? 'discard_row' : mode
    this.#found.push({ mode: strict, reason: `${what} (${kind}: ${mode})` })
    return GONE
  }
}
