/** Types that find unknown keys at any depth. Each gets a sentence as its type, so that the error is shown on the key. */

export type Leaf = string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown)

/** `Given` as it is, but with a sentence as the type of each key that `Shape` does not have. */
export type Exact<Given, Shape> = Given extends Leaf
  ? Given
  : Given extends readonly unknown[]
    ? ExactItems<Given, ItemOf<Shape>>
    : ExactObject<Given, Fitting<Given, Exclude<Shape, Leaf | readonly unknown[]>>>

type ExactItems<Given extends readonly unknown[], Shape> = { [I in keyof Given]: Exact<Given[I], Shape> }

type ExactObject<Given, Shape> = [Shape] extends [never]
  ? Given
  : string extends KeyOf<Shape>
    ? { [K in keyof Given]: Exact<Given[K], ValueOf<Shape, string>> }
    : { [K in keyof Given]: K extends KeyOf<Shape> ? Exact<Given[K], ValueOf<Shape, K>> : UnknownOption<K, Shape> }

/** What is missing of these keys; else nothing. */
export type Needs<Given, Shape, Key extends keyof Shape> = [Exclude<Key, keyof Given>] extends [never]
  ? unknown
  : Pick<Shape, Exclude<Key, keyof Given>>

/** The members of a union that have the same `type`, or, without one, those that need none. */
type Fitting<Given, Shape> = Given extends { readonly type: infer Type }
  ? [OfType<Shape, Type>] extends [never]
    ? Exclude<Shape, { type: string }>
    : OfType<Shape, Type>
  : Exclude<Shape, { type: string }>

/** The members of a union whose `type`, which may be optional, is this one. */
type OfType<Shape, Type> = Shape extends Leaf
  ? never
  : 'type' extends keyof Shape
    ? Shape extends { type?: infer Own }
      ? Type extends Own
        ? Shape
        : never
      : never
    : never

type ItemOf<Shape> = Shape extends readonly (infer Item)[] ? Item : never
export type KeyOf<Shape> = Shape extends unknown ? keyof Shape : never
type ValueOf<Shape, Key> = Shape extends unknown ? (Key extends keyof Shape ? Shape[Key] : never) : never

export type UnknownOption<Key, Shape> = Key extends string
  ? [Respelled<Key, KeyOf<Shape>>] extends [never]
    ? `unknown option "${Key}"`
    : `unknown option "${Key}": write "${Respelled<Key, KeyOf<Shape>>}"`
  : 'unknown option'

/** The valid key that differs in case and underscores only, such as dlt's spelling. */
type Respelled<Key extends string, Valid> = Valid extends string
  ? Letters<Key> extends Lowercase<Valid>
    ? Valid
    : never
  : never

type Letters<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Letters<Tail>}`
  : Lowercase<Key>

/** An auth scheme or a paginator, checked against the union of all. `What` names it in sentences. */
export type Choice<Given, Shape, What extends string> = Given extends string
  ? Given extends Shape
    ? Given
    : [OfType<Shape, Given>] extends [never]
      ? `no ${What} "${Given}"`
      : `the ${What} "${Given}" needs options: write it as an object`
  : Given extends Leaf
    ? Given
    : Given extends { readonly type: infer Type }
      ? [OfType<Shape, Type>] extends [never]
        ? { [K in keyof Given]: K extends 'type' ? NoSuch<Type & string, What> : Given[K] }
        : WithoutMore<Given, OfType<Shape, Type>>
      : [Untyped<Shape>] extends [never]
        ? Given
        : WithoutMore<Given, Untyped<Shape>>

/** What stands in a variable of its own has the type `string` here. */
type NoSuch<Type extends string, What extends string> = string extends Type
  ? `write the ${What} in its place, or its type as const`
  : `no ${What} "${Type}"`

/** The members of a union that may be written without their `type`. */
type Untyped<Shape> = Shape extends Leaf
  ? never
  : 'type' extends keyof Shape
    ? Record<never, never> extends Pick<Shape, 'type'>
      ? Shape
      : never
    : never

type WithoutMore<Given, Shape> = [Exclude<keyof Given, KeyOf<Shape>>] extends [never]
  ? Shape
  : Shape & { [K in Exclude<keyof Given, KeyOf<Shape>>]: UnknownOption<K, Shape> }
