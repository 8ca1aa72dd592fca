import { describe, expect, test } from 'vitest'
import { applyLag, compareCursors, notAfter } from '../../../../src/sync/incremental/cursor-value.ts'

describe('compareCursors', () => {
  test.each<[string | number, '<' | '=' | '>', string | number]>([
    [1, '<', 2],
    [2.5, '>', 2],
    ['2024-01-01T00:00:00Z', '<', '2024-01-01T00:00:01Z'],
    ['2024-01-02T00:00:00Z', '=', '2024-01-01T19:00:00-05:00'],
    ['2024-01-02T00:00:00Z', '=', '2024-01-02 00:00:00'],
    ['2024-01-02T00:00:00.5Z', '>', '2024-01-02T00:00:00Z'],
    ['2024-01-02T00:00:00.000000001Z', '>', '2024-01-02T00:00:00.000Z'],
    ['2024-01-02T00:00:00,5Z', '=', '2024-01-02T00:00:00.500Z'],
    ['2024-01-02', '=', '2024-01-02T00:00:00Z'],
    ['2024-01-02', '<', '2024-01-02T00:00Z'.replace('00:00', '00:01')],
    ['2024-01-02T12:00:00+0530', '=', '2024-01-02T06:30:00Z'],
    ['2024-01-02T12:00:00+05', '=', '2024-01-02T07:00:00Z'],
    ['9', '<', '10'],
    ['007', '=', '7'],
    ['99999999999999999998', '<', '99999999999999999999'],
    ['b', '>', 'a'],
    ['same', '=', 'same'],
    // No such day: text, not time.
    ['2024-13-45', '>', '2024-01-01'],
  ])('%j %s %j', (a, order, b) => {
    const sign = { '<': -1, '=': 0, '>': 1 }[order]
    expect(Math.sign(compareCursors(a, b))).toBe(sign)
    expect(Math.sign(compareCursors(b, a))).toBe(sign === 0 ? 0 : -sign)
  })

  test('a number beside a text is an error that shows neither', () => {
    expect(() => compareCursors(5, 'secret')).toThrow(expect.objectContaining({ code: 'cursor_type_mismatch' }))
    expect(() => compareCursors('secret', 5)).toThrow(/^(?!.*secret)/)
  })
})

describe('applyLag keeps the spelling', () => {
  test.each<[string | number, number, 'max' | 'min', string | number]>([
    [100, 10, 'max', 90],
    [100, 10, 'min', 110],
    ['2024-03-01', 1, 'max', '2024-02-29'],
    ['2024-01-01T00:00:00Z', 1, 'max', '2023-12-31T23:59:59Z'],
    ['2024-01-01T00:00:00.250+02:00', 0.5, 'max', '2023-12-31T23:59:59.750+02:00'],
    ['2024-01-01 00:00:00', 3600, 'min', '2024-01-01 01:00:00'],
    ['no time', 10, 'max', 'no time'],
  ])('%j by %j (%s) is %j', (value, lag, func, result) => {
    expect(applyLag(value, lag, func)).toBe(result)
  })
})

describe('notAfter', () => {
  const at = Date.UTC(2024, 0, 1, 12, 0, 0, 250)
  test.each<[string | number, string | number]>([
    ['2024-01-01T11:00:00Z', '2024-01-01T11:00:00Z'],
    ['2024-01-01T13:00:00Z', '2024-01-01T12:00:00Z'],
    ['2024-01-01T13:00:00.123456Z', '2024-01-01T12:00:00.250000Z'],
    ['2024-01-02T00:00:00+02:00', '2024-01-01T14:00:00+02:00'],
    ['2024-01-05', '2024-01-01'],
    // Since 1970, in ms and in seconds.
    [at + 1000, at],
    [at - 1000, at - 1000],
    [at / 1000 + 60, Math.floor(at / 1000)],
    // Only times can be compared with a time.
    [9e12, 9e12],
    ['zzz', 'zzz'],
  ])('%j becomes %j, never later than the instant', (value, result) => {
    expect(notAfter(value, at)).toBe(result)
  })
})
