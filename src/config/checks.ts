import * as v from 'valibot'
import { isJson, isPlainObject, type JsonInput } from '../json.ts'

/** A schema from a guard. `expected` completes the sentence “expected …”. */
export const check = <T>(expected: string, is: (input: unknown) => boolean): v.GenericSchema<T> =>
  v.custom<T>(is, expected) as v.GenericSchema<T>

/** An array, read-only so that what `as const` infers fits. */
export const list = <T>(item: v.GenericSchema<T>) =>
  v.array(item) as v.GenericSchema<unknown> as v.GenericSchema<readonly T[]>

/** An object with any keys and values of one type. Of those that are not named, valibot drops `constructor` in silence. */
export const record = <T>(value: v.GenericSchema<T>) =>
  v.lazy((input) => {
    if (!isPlainObject(input)) return plainObject
    const named: v.ObjectEntries = Object.hasOwn(input, 'constructor') ? { constructor: value } : {}
    return v.objectWithRest(named, value)
  }) as v.GenericSchema<Readonly<Record<string, T>>>

/** One of several schemas, picked by the input, so that issues are about the form that the user chose. */
export const either = <T>(pick: (input: unknown) => v.GenericSchema<never> | v.GenericSchema<T>) =>
  v.lazy(pick as () => v.GenericSchema<T>)

export const func = <F extends (...args: never[]) => unknown>() =>
  check<F>('a function', (input) => typeof input === 'function')

/** Text that is not empty. */
export const name = check<string>('a string that is not empty', (input) => typeof input === 'string' && input !== '')

/** Text of a form. */
export const matching = (pattern: RegExp, expected: string) =>
  check<string>(expected, (input) => typeof input === 'string' && pattern.test(input))

export const positiveInteger = check<number>(
  'a whole number above 0',
  (input) => Number.isSafeInteger(input) && Number(input) > 0,
)

export const wholeNumber = check<number>(
  'a whole number of 0 or more',
  (input) => Number.isSafeInteger(input) && Number(input) >= 0,
)

/** A finite number of 0 or more: seconds, mostly. */
export const amount = check<number>('a number of 0 or more', (input) => Number.isFinite(input) && Number(input) >= 0)

export const positive = check<number>('a number above 0', (input) => Number.isFinite(input) && Number(input) > 0)

/** A value that JSON can hold. */
export const json = check<JsonInput>('a JSON value', (input) => isJson(input))

export const plainObject = check<never>('an object', () => false)
