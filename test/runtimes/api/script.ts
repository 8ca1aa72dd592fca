import type { JsonObject, JsonValue } from 'syncline'

/** What the server does instead of a whole answer. */
export type Fault =
  /** The connection breaks before any answer. */
  | 'refuse'
  /** Never answers. */
  | 'silence'
  /** Half of the body, and then nothing more. */
  | 'stall'
  /** Half of the body, and the connection breaks. */
  | 'cut'

/** One answer, as plain JSON: a case sends it to the server, wherever the case runs. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: JsonValue
  readonly text?: string
  /** The body in hex, for what is no text. */
  readonly hex?: string
  readonly fault?: Fault
}

export type Paging = 'offset' | 'page' | 'cursor' | 'link' | 'header link' | 'header cursor' | 'none'

/** Rows, served page by page; `since` and `until` filter by `updated_at`. */
export interface Table {
  readonly rows: readonly JsonObject[]
  readonly by: Paging
  /** Rows of a page where the request does not say. Default: 10. */
  readonly size?: number
}

/** The n-th request gets the n-th reply, and the last one again and again. */
export type Route = readonly Reply[] | Table

/** By path; by `foreign` and a path on the other origin. */
export type Script = Readonly<Record<string, Route>>

/** A request as it came in. */
export interface Seen {
  readonly at: 'api' | 'foreign'
  readonly method: string
  /** Without the name of the world before it. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
