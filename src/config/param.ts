import * as v from 'valibot'
import type { ParamValue } from '../http/request.ts'
import { isPlainObject } from '../json.ts'
import { check, either, list, name } from './checks.ts'
import { type CursorConfig, cursorEntries } from './incremental.ts'
import { ofSomeType, optionsSchema } from './options.ts'

/** A parameter that carries the start value: the same as an endpoint's `incremental` with `startParam`. dlt's older form. */
export interface IncrementalParam extends CursorConfig {
  type: 'incremental'
}

/** Fills `{name}` in the path from the parent's rows: the same as `{resources.posts.id}` there. dlt's older form. */
export interface ResolveParam {
  type: 'resolve'
  /** The parent. */
  resource: string
  /** Where in the parent's row. */
  field: string
}

/** `null` leaves a parameter out, a list repeats it; text may have placeholders. */
export type ParamConfig = ParamValue | IncrementalParam | ResolveParam

const incrementalParam = optionsSchema<IncrementalParam>()({ ...cursorEntries, type: v.literal('incremental') })
const resolveParam = optionsSchema<ResolveParam>()({ type: v.literal('resolve'), resource: name, field: name })
const special = ofSomeType(['incremental', 'resolve'])
type Scalar = string | number | boolean
export const isScalar = (input: unknown) => /^(?:string|boolean)$/.test(typeof input) || Number.isFinite(input)
const scalar = check<Scalar>('a string, a number or a boolean', isScalar)
const plain = check<Scalar | null>(
  'a string, a number, a boolean, null or a list',
  (input) => input === null || isScalar(input),
)

/** What a query or a form may hold. */
export const paramValueSchema = either<ParamValue>((input) => (Array.isArray(input) ? list(scalar) : plain))

export const paramSchema = either<ParamConfig>((input) => {
  if (!isPlainObject(input) || !('type' in input)) return paramValueSchema
  if (input.type === 'incremental') return incrementalParam
  return input.type === 'resolve' ? resolveParam : (special as v.GenericSchema<never>)
})
