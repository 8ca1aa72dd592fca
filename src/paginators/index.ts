import * as v from 'valibot'
import { choiceSchema } from '../config/options.ts'
import { autoOptions } from './options/auto.ts'
import { cursorOptions } from './options/cursor.ts'
import { headerCursorOptions } from './options/header-cursor.ts'
import { headerLinkOptions } from './options/header-link.ts'
import { jsonLinkOptions } from './options/json-link.ts'
import { offsetOptions } from './options/offset.ts'
import { pageNumberOptions } from './options/page-number.ts'
import { singlePageOptions } from './options/single-page.ts'
import type { Paginator } from './paginator.ts'

/**
 * The options of every mechanism. A line here gives the config type and the check, and one in `factories.ts`, which is
 * loaded with the first request, what it does.
 */
export const mechanisms = {
  auto: autoOptions,
  single_page: singlePageOptions,
  offset: offsetOptions,
  page_number: pageNumberOptions,
  cursor: cursorOptions,
  header_cursor: headerCursorOptions,
  json_link: jsonLinkOptions,
  header_link: headerLinkOptions,
}

type Mechanisms = typeof mechanisms
type OptionsOf<Type extends keyof Mechanisms> =
  Mechanisms[Type] extends v.GenericSchema<infer Options> ? Options : never

/** A paginator as options: `{ type: 'offset', limit: 100 }`. */
export type PaginatorOptions = { [Type in keyof Mechanisms]: OptionsOf<Type> }[keyof Mechanisms]

/** The types that need no options, and so can be written as a name: `'json_link'`. */
export type PaginatorName = {
  [Type in keyof Mechanisms]: { type: Type } extends OptionsOf<Type> ? Type : never
}[keyof Mechanisms]

/** How an endpoint pages: options, a name, or a paginator of your own. */
export type PaginatorConfig = PaginatorOptions | PaginatorName | (Paginator & { readonly type?: never })

const options = choiceSchema<{ type: string }>(new Map(Object.entries(mechanisms)))
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
