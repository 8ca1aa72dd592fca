import * as v from 'valibot'
import { check, plainObject } from './checks.ts'

/**
 * The schema of an options interface. The interface is what users read; the schema is what the config is checked with.
 * They cannot drift: every key of the interface must be listed, nothing else may be, and each entry must take exactly
 * the type that the interface says. Unknown keys in a config are refused, each of them; the message of such an issue is
 * the list of the keys that there are, from which `issues.ts` picks the nearest.
 *
 * @example
 * interface PingOptions { type: 'ping'; every: number; name?: string }
 * const pingOptions = optionsSchema<PingOptions>()({
 *   type: v.literal('ping'),
 *   every: v.number(),
 *   name: v.optional(v.string()),
 * })
 */
export function optionsSchema<Options extends object>() {
  return <Entries extends v.ObjectEntries>(entries: Entries & Checked<Options, Entries>): v.GenericSchema<Options> =>
    objectOf(entries) as v.GenericSchema<unknown> as v.GenericSchema<Options>
}

/** To valibot an array is an object, and an empty one has no unknown keys. */
function objectOf(entries: v.ObjectEntries) {
  const object = v.objectWithRest(entries, v.never(Object.keys(entries).join(' ')))
  return v.lazy((input) => (Array.isArray(input) ? plainObject : object))
}

/** Each entry if it fits the interface, else a sentence that says which type it must take. */
type Checked<Options, Entries> = {
  [K in keyof Options]-?: K extends keyof Entries
    ? Entries[K] extends v.GenericSchema<infer Input, unknown>
      ? Same<Required<Pick<Options, K>>[K], Exclude<Input, undefined>> extends true
        ? IsOptional<Options, K> extends (undefined extends Input ? true : false)
          ? Entries[K]
          : 'one of the interface and the schema has this key optional, the other not'
        : 'the schema takes another type than the interface says'
      : never
    : never
} & { [K in Exclude<keyof Entries, keyof Options>]: 'the interface has no such key' }

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

type IsOptional<Options, K extends keyof Options> = Pick<Options, never> extends Pick<Options, K> ? true : false

/**
 * The schema of a choice by `type`. Only the schema that `type` names is asked, so that issues are about the user's
 * mistake and not about every other choice.
 */
export function choiceSchema<Options>(
  schemas: ReadonlyMap<string, v.GenericSchema<unknown>>,
): v.GenericSchema<Options> {
  const types = [...schemas.keys()]
  const unknown = ofSomeType(types)
  const none = check<never>(
    `an object with one of the types ${types.map((type) => `"${type}"`).join(', ')}`,
    () => false,
  )
  const pick = (input: unknown) => {
    if (typeof input !== 'object' || input === null) return none
    return ('type' in input && typeof input.type === 'string' && schemas.get(input.type)) || unknown
  }
  return v.lazy(pick) as v.GenericSchema<unknown> as v.GenericSchema<Options>
}

/** An object whose `type` is one of these; what else it has is not looked at. */
export function ofSomeType(types: readonly string[]): v.GenericSchema<unknown> {
  return v.objectWithRest({ type: v.picklist(types) }, anything)
}

const anything = check<unknown>('anything', () => true)
