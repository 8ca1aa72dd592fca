import { expect, test } from 'vitest'
import { printOf } from '../../../../src/store/chunked/chunk.ts'
import { Hasher } from '../../../../src/store/chunked/hash.ts'
import { findPrint, isTombstone, toSidecar } from '../../../../src/store/chunked/sidecar.ts'

test('keys whose first hash words are the same are told apart by the second', () => {
  const sidecar = toSidecar(
    Int32Array.from(
      [
        [1, 7, 0, 10],
        [5, 7, 0, 20],
        [5, 8, 0, 30],
        [-1, 7, 0, 40],
      ].flat(),
    ),
  )
  expect([
    findPrint(sidecar, 5, 7),
    findPrint(sidecar, 5, 8),
    findPrint(sidecar, -1, 7),
    findPrint(sidecar, 1, 7),
  ]).toEqual([4, 8, 12, 0])
  expect([findPrint(sidecar, 5, 9), findPrint(sidecar, 2, 7), findPrint(toSidecar(new Int32Array(0)), 1, 1)]).toEqual([
    -1, -1, -1,
  ])
})

test('a row whose content hashes to nothing is no deleted row', () => {
  class Unlucky extends Hasher {
    words = [0, 0]
    override get high(): number {
      return this.words[0] as number
    }
    override get low(): number {
      return this.words[1] as number
    }
  }
  const hasher = new Unlucky([1, 2])
  expect(isTombstone(printOf(hasher, 'k', { a: 1 }))).toBe(false)
  expect(isTombstone(printOf(hasher, 'k', undefined))).toBe(true)
  hasher.words = [0, 5]
  expect(printOf(hasher, 'k', { a: 1 })).toMatchObject({ content0: 0, content1: 5 })
})
