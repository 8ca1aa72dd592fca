import { cursor } from './cursor.ts'
import { headerCursor } from './header-cursor.ts'
import { headerLink } from './header-link.ts'
import type { PaginatorOptions } from './index.ts'
import { jsonLink } from './json-link.ts'
import { offset } from './offset.ts'
import { pageNumber } from './page-number.ts'
import type { Paginator } from './paginator.ts'
import { singlePage } from './single-page.ts'

/** Options that say how an API pages; `auto` finds them. */
export type MadeOptions = Exclude<PaginatorOptions, { type: 'auto' }>

const factories: { readonly [Type in MadeOptions['type']]: (options: MadeOptions & { type: Type }) => Paginator } = {
  single_page: singlePage,
  offset,
  page_number: pageNumber,
  cursor,
  header_cursor: headerCursor,
  json_link: jsonLink,
  header_link: headerLink,
}

/** Makes the paginator that checked options name. */
export function makePaginator(options: MadeOptions): Paginator {
  const make = factories[options.type] as (options: MadeOptions) => Paginator
  return make(options)
}
