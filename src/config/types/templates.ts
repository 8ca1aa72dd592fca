import type { Leaf } from './exact.ts'

/** Types that check the `{resources.parent.field}` placeholders of a resource against the rows of all. */

/** `Given` as it is, but with a sentence as the type of each text that names a resource or a field that is not there. */
export type Templates<Given, Rows, Names> = Given extends string
  ? [ReferenceProblem<References<Given>, Rows, Names>] extends [never]
    ? Given
    : ReferenceProblem<References<Given>, Rows, Names>
  : Given extends Leaf
    ? Given
    : [ReferenceProblem<References<TextsIn<Given>>, Rows, Names>] extends [never]
      ? Given
      : Given extends { readonly type: 'resolve' }
        ? {
            [K in keyof Given]: K extends 'resource'
              ? ReferenceProblem<References<TextsIn<Given>>, Rows, Names>
              : Given[K]
          }
        : { [K in keyof Given]: Templates<Given[K], Rows, Names> }

/** All texts in a value, four levels deep: where none has a problem, nothing else is looked at. */
export type TextsIn<Given, Depth extends 0[] = []> = Given extends string
  ? Given
  : Given extends {
        readonly type: 'resolve'
        readonly resource: infer Resource extends string
        readonly field: infer Field extends string
      }
    ? `{resources.${Resource}.${Field}}`
    : Given extends Leaf
      ? never
      : Depth['length'] extends 4
        ? never
        : { [K in keyof Given]: TextsIn<Given[K], [...Depth, 0]> }[keyof Given &
            (Given extends readonly unknown[] ? number : unknown)]

/** `posts.author.id` for each `{resources.posts.author.id}` in a text; what follows a doubled brace is text. */
export type References<Text> = Text extends `${infer Before}{resources.${infer Reference}}${infer After}`
  ? (Before extends `${string}{` ? never : Reference) | References<After>
  : never

type ReferenceProblem<Reference, Rows, Names> = Reference extends `${string}[${string}`
  ? never
  : Reference extends `${infer Resource}.${infer Field}`
    ? Resource extends Names
      ? FieldProblem<FirstKey<Field>, RowIn<Rows, Resource>, Resource>
      : `no resource "${Resource}" in this source`
    : never

/** The first key of a path. */
type FirstKey<Path extends string> = Path extends `${infer Key}.${string}`
  ? FirstKey<Key>
  : Path extends `${infer Key}[${string}`
    ? Key
    : Path

/** Only plain keys of rows that a schema types are looked at. */
export type FieldProblem<Field extends string, Row, Resource extends string> = string extends keyof Row
  ? never
  : Field extends '' | `${string}${'"' | "'" | '$' | '*'}${string}`
    ? never
    : Field extends keyof Row
      ? never
      : `no field "${Field}" in the rows of "${Resource}"`

/** The parent that references name. */
export type ParentOf<Reference> = Reference extends `${infer Resource}.${string}` ? Resource : never

/** `Rows[Name]`, which would list all keys of `Rows` each time. */
export type RowIn<Rows, Name extends string> = Rows extends { readonly [K in Name]: infer Row } ? Row : never
