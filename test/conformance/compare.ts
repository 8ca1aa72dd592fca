import { expect } from 'vitest'
import type { SynclineError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/json.ts'
import { collect, type SeenRequest } from '../support/server.ts'
import type { Expectation, ExpectedError, ExpectedRequest } from './cases.ts'
import { normalUrl, parse, type World } from './world.ts'

/** What one run did. */
export interface Outcome {
  readonly world: World
  readonly error: SynclineError | undefined
  /** What came out, by resource; of `extract` only. */
  readonly records?: Readonly<Record<string, JsonObject[]>>
}

/** What holds of a run in every mode: no more and no less than the case says. */
export function checkOutcome(expected: Expectation, { world, error, records }: Outcome): void {
  expect(world.strays.map(describe), 'requests that no route answers').toEqual([])
  checkError(expected.error, error)
  if (expected.records !== undefined) checkRecords(expected.records, records ?? {})
  if (expected.records_unordered !== undefined) checkRecords(expected.records_unordered, records ?? {}, false)
  checkRequests(expected, world.requests)
  if (expected.waits !== undefined) expect(world.waits(), 'waits').toEqual(expected.waits)
  expect(world.ports.pending(), 'sleeps and timers that nobody ended').toBe(0)
}

/** The kinds of the cases are our codes. */
function checkError(expected: ExpectedError | undefined, error: SynclineError | undefined): void {
  if (expected === undefined) {
    if (error !== undefined) throw error
    return
  }
  expect(error?.code, error?.message ?? 'an error was expected').toBe(expected.kind)
  if (expected.status !== undefined) expect(error?.status, 'status').toBe(expected.status)
  for (const part of expected.message_contains ?? []) expect(error?.message).toContain(part)
  for (const part of expected.message_excludes ?? []) expect(error?.message).not.toContain(part)
}

function checkRecords(
  expected: Record<string, JsonObject[]>,
  records: Readonly<Record<string, JsonObject[]>>,
  ordered = Object.keys(expected).length === 1,
): void {
  const arrange = ordered ? (rows: JsonObject[]) => rows : sorted
  for (const name of new Set([...Object.keys(expected), ...Object.keys(records)])) {
    expect(arrange(records[name] ?? []), `records of ${name}`).toEqual(arrange(expected[name] ?? []))
  }
}

function checkRequests(expected: Expectation, seen: readonly SeenRequest[]): void {
  const { requests, requests_unordered: unordered, request_count: count } = expected
  if (count !== undefined) expect(seen.length, 'request count').toBe(count)
  if (requests !== undefined) expectRequests(requests, seen)
  if (unordered !== undefined) expectRequests(...paired(unordered, seen))
}

function expectRequests(wanted: readonly ExpectedRequest[], seen: readonly SeenRequest[]): void {
  const views = seen.map((request, index) => view(request, wanted[index]))
  expect(views, 'requests').toEqual(wanted.map((request) => ({ ...request, url: normalUrl(request.url) })))
}

/** Puts what was seen into the order of what was wanted, so far as it fits; the rest stays as it came. */
function paired(wanted: readonly ExpectedRequest[], seen: readonly SeenRequest[]): [ExpectedRequest[], SeenRequest[]] {
  const left = [...seen]
  const found = wanted.map((request) => {
    const key = canonical({ ...request, url: normalUrl(request.url) })
    const index = left.findIndex((candidate) => canonical(view(candidate, request)) === key)
    return index < 0 ? undefined : left.splice(index, 1)[0]
  })
  const filled = found.map((request) => request ?? left.shift())
  return [[...wanted], [...filled.filter((request) => request !== undefined), ...left]]
}

/** A seen request in the words of a wanted one: only what that one speaks of. */
function view(seen: SeenRequest, wanted: ExpectedRequest | undefined): ExpectedRequest {
  const { query, headers, no_headers: absent, json, form, body } = wanted ?? {}
  return {
    method: seen.method,
    url: seen.url,
    ...((query !== undefined || wanted === undefined) && { query: seen.query as ExpectedRequest['query'] & {} }),
    ...(headers !== undefined && { headers: pick(seen.headers, Object.keys(headers)) }),
    ...(absent !== undefined && { no_headers: absent.filter((name) => seen.headers[name] === undefined) }),
    ...(json !== undefined && { json: parse(seen.body) as ExpectedRequest['json'] & {} }),
    ...(form !== undefined && { form: collect(new URLSearchParams(seen.body ?? '')) }),
    ...(body !== undefined && { body: seen.body ?? null }),
  }
}

function pick(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}

function describe({ method, url, query, body }: SeenRequest): string {
  return `${method} ${url} ${JSON.stringify(query)}${body === undefined ? '' : ` ${body}`}`
}

/** Rows as a multiset. */
export function sorted<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
}

/** JSON with sorted keys: equal for equal values. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  )
}
