import * as v from 'valibot'
import { type AuthConfig, authConfig } from '../auth/index.ts'
import type { DataBody } from '../http/request.ts'
import { isPlainObject, type JsonInput } from '../json.ts'
import { type PaginatorConfig, paginatorSchema } from '../paginators/index.ts'
import type { SelectorFunction } from '../select/select.ts'
import { check, either, func, json, list, name, record } from './checks.ts'
import { type IncrementalConfig, incrementalSchema } from './incremental.ts'
import { optionsSchema } from './options.ts'
import { type ParamConfig, paramSchema, paramValueSchema } from './param.ts'
import type { ParseFunction } from './parse.ts'
import { type ResponseActionInput, responseActionSchema } from './response-action.ts'
import { type SyncTokenConfig, syncTokenSchema } from './sync-token.ts'

/**
 * Options that an endpoint and the defaults of endpoints share. `null` sets an option back, so that neither the default
 * nor, for `auth`, the client's applies.
 */
export interface EndpointDefaults {
  /** The HTTP method. Any resource's requests are reads, `POST` included. @default 'GET' */
  method?: string | null
  /**
   * Query parameters. One whose name stands as `{name}` in the path goes there instead. Merged with those of
   * `resourceDefaults` key by key.
   */
  params?: Readonly<Record<string, ParamConfig>> | null
  /** A JSON body. A text that is exactly one placeholder becomes the value with its type. Merged as `params` are. */
  json?: JsonInput
  /** A form body as an object or as pairs, or a raw body as text. Not together with `json`. */
  data?: DataBody | null
  /** Added to the client's; the same name in any spelling replaces it, or takes it away: `null`. May have placeholders. */
  headers?: Readonly<Record<string, string | null>> | null
  /** In place of the client's; `null`: no credentials. @default the client's */
  auth?: AuthConfig | null
  /** In place of the client's. @default 'single_page' where the path ends in a placeholder, else the client's */
  paginator?: PaginatorConfig | null
  /**
   * Reads bodies that are not JSON, such as CSV or NDJSON, and says whether they came whole. Returns
   * `{ body, ended }`. @default strict JSON
   */
  parse?: ParseFunction | null
  /**
   * Where the records are in the body: `data.items`, `$` for the whole body, or a function. dlt: `data_selector`.
   * @default found on the first page
   */
  dataSelector?: string | SelectorFunction | null
  /** Fetches only what has changed, by a cursor in the records, or by a token in the response. */
  incremental?: IncrementalConfig | SyncTokenConfig | null
  /**
   * Asks with `If-None-Match` or `If-Modified-Since` where an answer 304 proves that nothing has changed: lists of one
   * page that are merged. @default false
   */
  conditional?: boolean | null
  /** What responses with a certain status or text mean. dlt: `response_actions`. */
  responseActions?: readonly ResponseActionInput[] | null
}

/**
 * How to ask for the records of a resource.
 *
 * @example
 * endpoint: { path: '/v1/posts/{resources.posts.id}/comments', dataSelector: 'data', paginator: { type: 'offset', limit: 100 } }
 */
export interface EndpointConfig extends EndpointDefaults {
  /**
   * Joined to the client's `baseUrl`, or absolute. With placeholders: `{name}` from `params`,
   * `{resources.parent.field}`, `{incremental.start_value}`; each fills one segment. @default the resource's name
   */
  path?: string
}

const method = check<string>(
  "a string such as 'GET' or 'POST'",
  (input) => typeof input === 'string' && /^[a-z]+$/i.test(input) && !/^(?:connect|trace|track)$/i.test(input),
)
const pair = check<readonly [string, string]>(
  'a pair of a name and a text',
  (input) => Array.isArray(input) && input.length === 2 && input.every((part) => typeof part === 'string'),
)
const pairs = list(pair)
const form = record(paramValueSchema)
const selectorFunction = func<SelectorFunction>()

const dataSchema = either<DataBody>((input) => {
  if (typeof input === 'string') return v.string()
  return Array.isArray(input) ? pairs : form
})

/** One or the other: the schema of a cursor has no `tokenPath`, that of a token no `cursorPath`. */
export const hasToken = (incremental: unknown): incremental is SyncTokenConfig =>
  isPlainObject(incremental) && 'tokenPath' in incremental

const entries = {
  method: v.nullish(method),
  params: v.nullish(record(paramSchema)),
  json: v.optional(json),
  data: v.nullish(dataSchema),
  headers: v.nullish(record(v.nullable(v.string()))),
  auth: v.nullish(authConfig),
  paginator: v.nullish(paginatorSchema),
  parse: v.nullish(func<ParseFunction>()),
  dataSelector: v.nullish(
    either<string | SelectorFunction>((input) => (typeof input === 'function' ? selectorFunction : name)),
  ),
  incremental: v.nullish(
    either<IncrementalConfig | SyncTokenConfig>((input) => (hasToken(input) ? syncTokenSchema : incrementalSchema)),
  ),
  conditional: v.nullish(v.boolean()),
  responseActions: v.nullish(list(responseActionSchema)),
} as const

export const endpointDefaultsSchema = optionsSchema<EndpointDefaults>()(entries)

const endpointSchema = optionsSchema<EndpointConfig>()({ ...entries, path: v.optional(v.string()) })

export const endpointInputSchema = either<string | EndpointConfig>((input) =>
  typeof input === 'string' ? v.string() : endpointSchema,
)
