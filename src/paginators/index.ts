import * as v from 'valibot'
import { choiceSchema } from '../config/options.ts'
import { loaded } from '../loaded.ts'
import { autoOptions } from './auto-options.ts'
import { cursor, cursorOptions } from './cursor.ts'
import { headerCursor, headerCursorOptions } from './header-cursor.ts'
import { headerLink, headerLinkOptions } from './header-link.ts'
import { jsonLink, jsonLinkOptions } from './json-link.ts'
import { offsetOptions } from './offset-options.ts'
import { pageNumberOptions } from './page-number-options.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'
import { singlePage, singlePageOptions } from './single-page.ts'

/** Every mechanism. A line here gives the config type, the validation and the lookup by `type`. */
export const mechanisms = {
  auto: mechanism(autoOptions, async () => (await loaded(import('./auto.ts'))).auto()),
  single_page: mechanism(singlePageOptions, singlePage),
  offset: mechanism(offsetOptions, (options, { offset }) => offset(options)),
  page_number: mechanism(pageNumberOptions, (options, { pageNumber }) => pageNumber(options)),
  cursor: mechanism(cursorOptions, cursor),
  header_cursor: mechanism(headerCursorOptions, headerCursor),
  json_link: mechanism(jsonLinkOptions, jsonLink),
  header_link: mechanism(headerLinkOptions, headerLink),
}

export interface Mechanism<Options> {
  readonly schema: v.GenericSchema<Options>
  readonly create: Create<Options>
}

/** One whose code is large and rarely needed loads it only here. */
type Create<Options> = (options: Options, parts: typeof Parts) => Paginator | Promise<Paginator>

function mechanism<Options>(schema: v.GenericSchema<Options>, create: Create<Options>) {
  return { schema, create }
}

type Mechanisms = typeof mechanisms
type OptionsOf<Type extends keyof Mechanisms> = Mechanisms[Type] extends Mechanism<infer Options> ? Options : never

/** A paginator as options: `{ type: 'offset', limit: 100 }`. */
export type PaginatorOptions = { [Type in keyof Mechanisms]: OptionsOf<Type> }[keyof Mechanisms]

/** The types that need no options, and so can be written as a name: `'json_link'`. */
export type PaginatorName = {
  [Type in keyof Mechanisms]: { type: Type } extends OptionsOf<Type> ? Type : never
}[keyof Mechanisms]

/** How an endpoint pages: options, a name, or a paginator of your own. */
export type PaginatorConfig = PaginatorOptions | PaginatorName | (Paginator & { readonly type?: never })

const options = choiceSchema<{ type: string }>(
  new Map(Object.entries(mechanisms).map(([type, { schema }]) => [type, schema])),
)
const named = v.pipe(
  v.string(),
  v.transform((type) => ({ type })),
  options,
)
const custom = v.custom<Paginator>(
  (input) => isCustom(input) && [input.start, input.apply, input.next].every((part) => typeof part === 'function'),
  'a paginator: an object with the functions start, apply and next',
)

/** Checks a `PaginatorConfig`. A name comes out as options. */
export const paginatorSchema = v.lazy((input) =>
  typeof input === 'string' ? named : isCustom(input) ? custom : options,
) as v.GenericSchema<unknown> as v.GenericSchema<PaginatorConfig, PaginatorOptions | Paginator>

/** A paginator of the user's own, or an attempt at one. */
export function isCustom<Input>(input: Input): input is Input & Paginator {
  return typeof input === 'object' && input !== null && ('next' in input || 'apply' in input)
}
