import type { JsonObject } from '../../json.ts'
import type { InferOutput, StandardSchema } from '../../schema/standard.ts'

/** Types of names and rows, read off a config. */

export type NameOf<Resource> = Resource extends string
  ? Resource
  : Resource extends { readonly name: infer Name extends string }
    ? Name
    : never

/** What the schema puts out; any JSON object where there is none. */
export type RowOfResource<Resource> = Resource extends { readonly schema: infer Schema extends StandardSchema }
  ? InferOutput<Schema>
  : JsonObject

export type Resources<Config> = Config extends { readonly resources: readonly (infer Resource)[] } ? Resource : never

/** `{ transactions: { id: string; … }; messages: JsonObject }` */
export type RowsOf<Config> = { [Resource in Resources<Config> as NameOf<Resource>]: RowOfResource<Resource> }

/** A sentence if the schema's output is something that JSON cannot hold. */
export type CheckSchema<Schema> = Schema extends StandardSchema
  ? CheckOutput<InferOutput<Schema>, Schema>
  : Schema extends object
    ? 'not a schema of a library with Standard Schema, such as valibot, zod and arktype'
    : Schema

type CheckOutput<Output, Schema> = unknown extends Output
  ? Schema
  : [Output] extends [object]
    ? [Output] extends [readonly unknown[]]
      ? 'the output of this schema is no object'
      : [NotJson<Output, '', []>] extends [never]
        ? Schema
        : `the output of this schema is not JSON at "${NotJson<Output, '', []>}"`
    : 'the output of this schema is no object'

// Known by what they have, not by name: not every runtime's types have all of them.
type Foreign =
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | { getTime: () => number }
  | { clear: () => void; forEach: (...args: never[]) => void }
  | ArrayBufferLike
  | ArrayBufferView

/** Where a value is not JSON. What is `unknown` is looked at when the data is there. Five levels deep. */
type NotJson<Value, Path extends string, Depth extends 0[]> = unknown extends Value
  ? never
  : Value extends string | number | boolean | null | undefined
    ? never
    : Value extends Foreign
      ? Path
      : Depth['length'] extends 5
        ? never
        : Value extends readonly (infer Item)[]
          ? NotJson<Item, `${Path}[]`, [...Depth, 0]>
          : NotJsonField<Value, Path, Depth>

type NotJsonField<Value, Path extends string, Depth extends 0[]> = {
  [Key in keyof Value & string]-?: NotJson<Value[Key], Path extends '' ? Key : `${Path}.${Key}`, [...Depth, 0]>
}[keyof Value & string]

/** The primary key, with a sentence in the place of each field that the row lacks or that cannot be a key. */
export type CheckKey<Key, Row> = Key extends string
  ? KeyProblem<Key, Row> extends infer Problem extends string
    ? Problem
    : Key
  : Key extends readonly unknown[]
    ? { [I in keyof Key]: CheckKey<Key[I], Row> }
    : Key

/** `undefined`: none. */
type KeyProblem<Key extends string, Row> = string extends keyof Row
  ? undefined
  : Key extends keyof Row
    ? NonNullable<Row[Key]> extends string | number
      ? undefined
      : `the field "${Key}" cannot be a key: it is neither string nor number`
    : `no field "${Key}" in the output of this schema`

/** A sentence if the output lacks the key that `resourceDefaults` names. */
export type CheckDefaultKey<Schema, Row, Key> = [DefaultKeyProblem<Row, Key>] extends [never]
  ? Schema
  : `the output of this schema has no field "${DefaultKeyProblem<Row, Key>}", the primaryKey of resourceDefaults`

type DefaultKeyProblem<Row, Key> = Exclude<
  Key extends readonly (infer Field)[] ? Field : Key,
  keyof Row | null | undefined
> &
  string
