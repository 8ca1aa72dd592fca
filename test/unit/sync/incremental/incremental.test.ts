import { describe, expect, test } from 'vitest'
import type { Incremental } from '../../../../src/config/resolved.ts'
import {
  advance,
  type Best,
  cursorOf,
  locate,
  openWindow,
  trackBest,
} from '../../../../src/sync/incremental/incremental.ts'

function incremental(options: Partial<Incremental> = {}): Incremental {
  return {
    cursorPath: 'at',
    startParam: undefined,
    endParam: undefined,
    initialValue: undefined,
    endValue: undefined,
    lastValueFunc: 'max',
    rowOrder: undefined,
    rangeStart: 'closed',
    rangeEnd: 'open',
    onCursorValueMissing: 'raise',
    lag: 0,
    clockSkew: 300,
    convert: undefined,
    ...options,
  }
}

describe('openWindow', () => {
  test.each<[string, Partial<Incremental>, number | undefined, object]>([
    ['nothing known', {}, undefined, {}],
    ['the initial value', { initialValue: 5 }, undefined, { last: 5, start: 5 }],
    ['the stored cursor', { initialValue: 5 }, 9, { last: 9, start: 9 }],
    ['lag moves the start only', { lag: 3 }, 9, { last: 9, start: 6 }],
    ['lag stops at the initial value', { initialValue: 8, lag: 3 }, 9, { last: 9, start: 8 }],
    ['lag does not move the initial value', { initialValue: 8, lag: 3 }, undefined, { last: 8, start: 8 }],
    ['with min, lag moves forward', { lastValueFunc: 'min', lag: 3 }, 9, { last: 9, start: 12 }],
    [
      'a backfill looks at no stored cursor',
      { initialValue: 2, endValue: 7, lag: 1 },
      9,
      { last: 2, start: 2, end: 7 },
    ],
  ])('%s', (_, options, last, window) => {
    expect(openWindow(incremental(options), last === undefined ? undefined : { path: 'at', last })).toEqual(window)
  })
})

describe('locate', () => {
  const window = { start: 10, end: 20 }
  test.each<[number, Partial<Incremental>, string]>([
    [9, {}, 'before'],
    [10, {}, 'in'],
    [10, { rangeStart: 'open' }, 'before'],
    [19, {}, 'in'],
    [20, {}, 'past'],
    [20, { rangeEnd: 'closed' }, 'in'],
    [21, { rangeEnd: 'closed' }, 'past'],
  ])('%d with %j is %s', (value, options, place) => {
    expect(locate(value, window, incremental(options))).toBe(place)
  })
})

describe('cursorOf', () => {
  const read = (record: unknown) => (record as { at?: never }).at
  test.each<[object, Partial<Incremental>, unknown]>([
    [{ at: 5 }, {}, 5],
    [{ at: 'x' }, {}, 'x'],
    [{}, { onCursorValueMissing: 'include' }, undefined],
    [{ at: null }, { onCursorValueMissing: 'exclude' }, undefined],
  ])('%j', (record, options, cursor) => {
    expect(cursorOf(record as never, read, incremental(options))).toBe(cursor)
  })
  test.each([
    [{}, 'cursor_missing'],
    [{ at: null }, 'cursor_null'],
    [{ at: { secret: 1 } }, 'cursor_type_mismatch'],
  ])('%j fails with %s', (record, code) => {
    expect(() => cursorOf(record as never, read, incremental())).toThrow(expect.objectContaining({ code }))
  })
})

describe('the cursor after a pass', () => {
  const noon = Date.UTC(2024, 0, 1, 12)
  const follow = (values: (string | number)[], func: 'max' | 'min' = 'max', hashed = false) => {
    const hashOf = (from: number) => (hashed ? (index: number) => `h${from + index}` : undefined)
    const atOnce = trackBest(undefined, values, func, noon, hashOf(0))
    const oneByOne = values.reduce<Best | undefined>(
      (best, value, index) => trackBest(best, [value], func, noon, hashOf(index)),
      undefined,
    )
    expect(oneByOne).toEqual(atOnce)
    return atOnce
  }
  const fresh = () => 'new'

  test('is the best value seen, whatever the order', () => {
    expect(advance(incremental(), undefined, follow([3, 9, 5]), noon)).toEqual({ path: 'at', last: 9 })
    expect(advance(incremental({ lastValueFunc: 'min' }), undefined, follow([3, 9, 5], 'min'), noon)).toEqual({
      path: 'at',
      last: 3,
    })
  })
  test('never moves back', () => {
    expect(advance(incremental(), { path: 'at', last: 10 }, follow([3, 9, 5]), noon)).toEqual({ path: 'at', last: 10 })
  })
  test('stays when nothing came, and in a backfill', () => {
    expect(advance(incremental(), { path: 'at', last: 10 }, undefined, noon)).toEqual({ path: 'at', last: 10 })
    expect(advance(incremental({ initialValue: 1, endValue: 50 }), undefined, follow([20]), noon)).toBeUndefined()
  })
  test('is never later than the time of the source, and remembers the rows from there on', () => {
    const best = follow(['2024-01-01T11:00:00Z', '2024-01-01T12:30:00Z', '2024-01-01T12:00:00Z'], 'max', true)
    expect(advance(incremental(), undefined, best, noon)).toEqual({
      path: 'at',
      last: '2024-01-01T12:00:00Z',
      boundary: ['h1', 'h2'],
    })
  })
  test('remembers all rows at the same value, over several passes', () => {
    const first = advance(incremental(), undefined, follow([3, 7, 7], 'max', true), noon)
    expect(first).toEqual({ path: 'at', last: 7, boundary: ['h1', 'h2'] })
    const again = advance(incremental(), first, trackBest(undefined, [7], 'max', noon, fresh), noon)
    expect(again).toEqual({ path: 'at', last: 7, boundary: ['h1', 'h2', 'new'] })
    expect(advance(incremental(), first, trackBest(undefined, [8], 'max', noon, fresh), noon)).toEqual({
      path: 'at',
      last: 8,
      boundary: ['new'],
    })
  })
  test('forgets rows that are too many, until the value rises', () => {
    const many = follow(
      Array.from({ length: 101 }, () => 7),
      'max',
      true,
    )
    expect(many).toMatchObject({ value: 7 })
    expect(many?.boundary).toBeUndefined()
    expect(advance(incremental(), { path: 'at', last: 7, boundary: ['old'] }, many, noon)).toEqual({
      path: 'at',
      last: 7,
    })
    expect(trackBest(many, [8], 'max', noon, fresh)).toMatchObject({ value: 8, boundary: [['new', 8]] })
    const nearly = follow(
      Array.from({ length: 60 }, () => 7),
      'max',
      true,
    )
    const stored = { path: 'at', last: 7, boundary: Array.from({ length: 60 }, (_, i) => `old${i}`) }
    expect(advance(incremental(), stored, nearly, noon)).toEqual({ path: 'at', last: 7 })
  })
  test('remembers again when fewer rows come at the value of which there were too many', () => {
    expect(advance(incremental(), { path: 'at', last: 7 }, follow([7, 7], 'max', true), noon)).toEqual({
      path: 'at',
      last: 7,
      boundary: ['h0', 'h1'],
    })
  })
  test('stays when no page was read', () => {
    const stored = { path: 'at', last: 7 }
    expect(advance(incremental(), stored, follow([9]), undefined)).toEqual(stored)
  })
})
