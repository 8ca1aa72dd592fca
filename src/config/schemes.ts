// Stand-ins until the auth schemes and the paginators are merged.
import * as v from 'valibot'
import type { Auth, Secret } from '../auth/auth.ts'
import type { JsonValue } from '../json.ts'
import type { Paginator } from '../paginators/paginator.ts'
import { choiceSchema, optionsSchema } from './options.ts'

export type AuthConfig = { type: 'bearer'; token: Secret } | Auth['sign']
export type PaginatorConfig =
  | { type: 'offset'; limit: number }
  | { type: 'single_page' }
  | 'single_page'
  | 'offset'
  | (Paginator & { type?: never })

export const authSchema = choiceSchema<AuthConfig>(
  new Map<string, v.GenericSchema<unknown>>([
    [
      'bearer',
      optionsSchema<{ type: 'bearer'; token: Secret }>()({
        type: v.literal('bearer'),
        token: v.custom<Secret>(() => true),
      }),
    ],
  ]),
)
export const paginatorSchema = choiceSchema<PaginatorConfig>(
  new Map<string, v.GenericSchema<unknown>>([
    ['offset', v.any()],
    ['single_page', v.any()],
  ]),
)
export const authOf = (_: AuthConfig): Auth => ({ sign: (request) => request })
export const paginatorOf = (_: PaginatorConfig | undefined): Paginator => ({
  start: () => ({}),
  apply: (r) => r,
  next: () => ({ end: 'complete' }),
})
export type SelectorFunction = (body: JsonValue) => JsonValue | undefined
