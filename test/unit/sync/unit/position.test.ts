import { expect, test } from 'vitest'
import { newPosition, type Pass, type Position, writePosition } from '../../../../src/sync/unit/position.ts'

const hashes = (chars: number) => Array.from({ length: chars / 20 }, (_, i) => String(i).padStart(17, '0'))

/** A position whose parts take about so many characters. */
function position(chars: { cursor: number; best: number; link: number }): Position {
  const pass: Pass = {
    id: 1,
    mode: 'append',
    stage: 'read',
    pages: 1,
    received: 1,
    rows: 1,
    kept: 1,
    quarantined: 0,
    reading: {
      window: {},
      best: { value: 9, most: 9, boundary: hashes(chars.best).map((hash) => [hash, 9]) },
      paging: { state: { url: 'x'.repeat(chars.link) }, page: 1, received: 1, cycle: { steps: 0, limit: 1 } },
    },
  }
  return { ...newPosition('config'), cursor: { path: 'at', last: 7, boundary: hashes(chars.cursor) }, pass }
}

test.each([
  ['all fits', { cursor: 1000, best: 1000, link: 1000 }, [true, true]],
  ['rows that this pass remembers go first', { cursor: 2000, best: 2000, link: 4500 }, [true, false]],
  ['then those that the cursor does', { cursor: 2000, best: 2000, link: 7000 }, [false, false]],
])('where there is no room: %s', (_, chars, [cursor, best]) => {
  const before = position(chars)
  const written = writePosition(before) as unknown as Position
  expect(JSON.stringify(written).length).toBeLessThanOrEqual(8192)
  expect([written.cursor?.boundary !== undefined, written.pass?.reading.best?.boundary !== undefined]).toEqual([
    cursor,
    best,
  ])
  // All that reading goes on with is there.
  const { best: kept, paging } = written.pass?.reading ?? {}
  expect([written.cursor?.last, kept?.value, paging]).toEqual([7, 9, before.pass?.reading.paging])
})

test('what cannot be left out is never cut', () => {
  expect(() => writePosition(position({ cursor: 100, best: 100, link: 9000 }))).toThrow(
    expect.objectContaining({ code: 'position_too_large' }),
  )
})
