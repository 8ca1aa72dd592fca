import { readdirSync, readFileSync } from 'node:fs'
import type { JsonObject, JsonValue } from '../../src/json.ts'

/** A route of the server of a case. Keys that are absent match anything. */
export interface Route {
  request: { method: string; url: string; query?: Query; json?: JsonValue }
  /** Used in turn; the last repeats. */
  responses: ResponseSpec[]
}

export type Query = Record<string, string | string[]>

export interface ResponseSpec {
  status?: number
  headers?: Record<string, string>
  json?: JsonValue
  text?: string
  network_error?: 'connection' | 'timeout'
}

export interface ExpectedRequest {
  method: string
  url: string
  query?: Query
  headers?: Record<string, string>
  no_headers?: string[]
  json?: JsonValue
  form?: Query
  body?: string | null
}

export interface ExpectedError {
  kind: string
  status?: number
  message_contains?: string[]
  message_excludes?: string[]
}

export interface ExpectedColumn {
  data_type: string
  nullable: boolean
  primary_key?: boolean
}

export interface Expectation {
  records?: Record<string, JsonObject[]>
  records_unordered?: Record<string, JsonObject[]>
  requests?: ExpectedRequest[]
  requests_unordered?: ExpectedRequest[]
  request_count?: number
  waits?: number[]
  error?: ExpectedError
  tables?: Record<string, JsonObject[]>
  columns?: Record<string, Record<string, ExpectedColumn>>
  state?: Record<string, { initial_value?: JsonValue; last_value?: JsonValue }>
}

export interface RunOptions {
  write_disposition?: 'append' | 'merge' | 'replace' | 'skip'
  refresh?: string
  schema_contract?: JsonValue
}

export interface LoadRun {
  server: Route[]
  expect: Expectation
  options?: RunOptions
}

export interface Detected {
  paginator: JsonObject
  data_path: string
}

interface Common {
  suite: string
  name: string
  syncline: 'same' | 'differs' | 'later'
  syncline_reason?: string
}

export interface ExtractCase extends Common {
  mode: 'extract'
  config: JsonObject
  runtime?: JsonObject
  server?: Route[]
  expect: Expectation
}

export interface LoadCase extends Common {
  mode: 'load'
  config: JsonObject
  runtime?: JsonObject
  runs: LoadRun[]
}

export interface DetectCase extends Common {
  mode: 'detect'
  response: ResponseSpec
  expect: Detected
}

export interface UnitCase extends Common {
  mode: 'unit'
  function: string
  /** Rows; the last column is the result. */
  table: JsonValue[][]
}

export type Case = ExtractCase | LoadCase | DetectCase | UnitCase

/** Every case, with what is expected of us in the place of what was recorded. */
export function loadCases(): Case[] {
  const folder = new URL('./dlt/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().flatMap((file) => {
    const { suite, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { suite: string; cases: Raw[] }
    return cases.map((raw) => ours({ ...raw, suite }))
  })
}

/** `suite/name`: unique. */
export function caseId({ suite, name }: Pick<Common, 'suite' | 'name'>): string {
  return `${suite}/${name}`
}

type Raw = Record<string, unknown> & { name: string }

/** The marks replace whole parts of a case; `null` in a list of runs leaves that run as recorded. */
function ours(raw: Raw & { suite: string }): Case {
  const recorded = raw as unknown as Case & {
    syncline_expect?: Expectation & { table?: JsonValue[][] }
    syncline_server?: Route[] | (Route[] | null)[]
    syncline_runs?: (Expectation | null)[]
  }
  const { syncline_expect: expect, syncline_server: server, syncline_runs: runs } = recorded
  switch (recorded.mode) {
    case 'unit':
      return { ...recorded, table: expect?.table ?? recorded.table }
    case 'load':
      return {
        ...recorded,
        runs: recorded.runs.map((run, index) => ({
          ...run,
          server: (server?.[index] as Route[] | null | undefined) ?? run.server,
          expect: runs?.[index] ?? run.expect,
        })),
      }
    case 'detect':
      return { ...recorded, expect: (expect as unknown as Detected | undefined) ?? recorded.expect }
    case 'extract':
      return {
        ...recorded,
        ...(server !== undefined && { server: server as Route[] }),
        expect: expect ?? recorded.expect,
      }
  }
}
