import type { Auth } from '../auth/auth.ts'
import type { DataBody, ParamValue } from '../http/request.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import type { PaginatorConfig } from '../paginators/index.ts'
import type { StandardSchema } from '../schema/standard.ts'
import type { Selector } from '../select/selector.ts'
import type { ParseFunction } from './parse.ts'
import type { SyncTokenConfig } from './sync-token.ts'

/**
 * The config after validation: defaults merged, shorthands expanded, names checked, schemes and paginators made. The
 * engine reads nothing else.
 */
export interface ResolvedSource {
  readonly name: string
  readonly client: ResolvedClient
  /** In the order of the config. */
  readonly resources: readonly Resource[]
}

export interface ResolvedClient {
  /** Absolute, without a query or a fragment. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly auth: Auth | undefined
  /** Origins besides the base URL's that may be asked, and whether they get credentials. */
  readonly allowedOrigins: readonly { readonly origin: string; readonly credentials: boolean }[]
  readonly redirect: 'manual' | 'follow'
  readonly retry: RetryPolicy
  readonly rateLimit: RateLimit | undefined
  readonly timeout: Timeouts
  /** The largest body, in decoded bytes. */
  readonly maxBodyBytes: number
  /** What happens to integers beyond 2^53-1. */
  readonly bigint: 'error' | 'string'
}

/** Times in seconds. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number
  /** The first wait; it doubles with each further one. */
  readonly factor: number
  /** The longest wait, `Retry-After` included. */
  readonly maxDelay: number
  /** Full jitter: waits are random between 0 and the computed one. */
  readonly jitter: boolean
  readonly statuses: readonly number[]
  /** Methods that may be repeated; all when undefined. */
  readonly methods: readonly string[] | undefined
}

export interface RateLimit {
  readonly requests: number
  readonly perSeconds: number
  /** Requests under way at once. */
  readonly concurrency: number
}

/** Times in seconds. */
export interface Timeouts {
  /** One attempt, body included. */
  readonly attempt: number
  /** The longest silence while a body is read. */
  readonly idle: number
  /** All attempts and waits of one request. */
  readonly total: number
}

export interface Resource {
  readonly name: string
  /** Changes with everything that makes a half-read pass unable to go on: path, params, paginator, selector, keys. */
  readonly fingerprint: string
  /** The resource whose rows this one's placeholders are filled from. */
  readonly parent: string | undefined
  /** Paths into the parent's record that the placeholders name. */
  readonly bindings: readonly string[]
  /** False: read when a child needs it, but not stored and not put out. */
  readonly selected: boolean
  /** Empty: no key. */
  readonly primaryKey: readonly string[]
  readonly write: WriteDisposition
  readonly columns: Readonly<Record<string, ColumnHint>>
  readonly schema: StandardSchema | undefined
  readonly schemaContract: SchemaContract
  readonly includeFromParent: readonly string[]
  readonly processingSteps: readonly ProcessingStep[]
  readonly endpoint: Endpoint
}

/** What goes beyond the disposition is for merging; a run may merge what is not merged by itself. */
export interface WriteDisposition {
  readonly disposition: 'append' | 'merge' | 'replace' | 'skip'
  readonly strategy: 'upsert' | 'insert-only'
  readonly maxDeleteRatio: number
  readonly twoStrike: boolean
}

export type ContractMode = 'evolve' | 'freeze' | 'discard_row' | 'discard_value'

export interface SchemaContract {
  readonly tables: ContractMode
  readonly columns: ContractMode
  readonly dataType: ContractMode
}

export type DataType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'timestamp' | 'date' | 'object' | 'array'

export interface ColumnHint {
  readonly dataType?: DataType
  readonly nullable?: boolean
  readonly hardDelete?: boolean
  readonly dedupSort?: 'asc' | 'desc'
}

/** Run in order, on each record, before the incremental filter and before validation. */
export type ProcessingStep =
  | { readonly filter: (row: JsonObject) => boolean }
  | { readonly map: (row: JsonObject) => JsonObject }
  | { readonly yieldMap: (row: JsonObject) => Iterable<JsonObject> }

export interface Endpoint {
  /** With placeholders; relative to the base URL, or absolute. */
  readonly path: string
  readonly method: string
  readonly params: Readonly<Record<string, ParamValue>>
  readonly json: JsonValue | undefined
  readonly data: DataBody | undefined
  /** `null`: not even the client's. */
  readonly headers: Readonly<Record<string, string | null>>
  /** The client's where the endpoint has none of its own; undefined: unauthenticated. */
  readonly auth: Auth | undefined
  readonly paginator: PaginatorConfig
  /** Undefined: bodies are JSON. */
  readonly parse: ParseFunction | undefined
  /** Undefined: automatic, fixed after page 1. */
  readonly dataSelector: Selector | undefined
  readonly incremental: Incremental | undefined
  /** In place of `incremental`. */
  readonly token: SyncTokenConfig | undefined
  /** Responses may be 304 where that proves that nothing has changed. */
  readonly conditional: boolean
  readonly responseActions: readonly ResponseAction[]
}

export type CursorValue = string | number

export interface Incremental {
  /** Where in the raw record. */
  readonly cursorPath: string
  readonly startParam: string | undefined
  readonly endParam: string | undefined
  readonly initialValue: CursorValue | undefined
  readonly endValue: CursorValue | undefined
  readonly lastValueFunc: 'max' | 'min'
  readonly rowOrder: 'asc' | 'desc' | undefined
  readonly rangeStart: 'closed' | 'open'
  readonly rangeEnd: 'closed' | 'open'
  readonly onCursorValueMissing: 'raise' | 'include' | 'exclude'
  /** Seconds for instants, days for dates, units for numbers; moves the start back, never past `initialValue`. */
  readonly lag: number
  /** Seconds by which this machine's clock may be ahead of the API's, where its `Date` header cannot be read. */
  readonly clockSkew: number
  /** The cursor as the API wants it in requests. */
  readonly convert: ((value: CursorValue) => CursorValue) | undefined
}

/** What a response action sees. */
export interface ResponseInfo {
  readonly status: number
  readonly headers: Headers
  /** The body as text. */
  readonly text: string
}

export type ActionResult = 'ignore' | 'retry' | 'fail' | 'rate_limited' | undefined

/** The first action whose conditions all hold decides; a function that returns nothing leaves it to the next. */
export interface ResponseAction {
  readonly statusCode?: number
  /** A part of the body's text. */
  readonly content?: string
  /** As it was configured; `find` does what it says. */
  readonly jsonPath?: string
  /** The places in the body, one of which has to have something, or to be `equals`. */
  readonly find?: (body: JsonValue) => JsonValue[]
  readonly equals?: string | number | boolean | null
  readonly action: Exclude<ActionResult, undefined> | ((response: ResponseInfo) => ActionResult | Promise<ActionResult>)
}
