import { expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { encodeSidecar } from '../../../../src/store/chunked/encode-sidecar.ts'
import { Place } from '../../../../src/store/chunked/place.ts'
import { toSidecar } from '../../../../src/store/chunked/sidecar.ts'
import type { Slice } from '../../../../src/store/chunked/slice.ts'

test('fingerprints in memory are bounded: those not used for longest are read again', async () => {
  const place = new Place(memoryChunks())
  const eightMegabytes = () => toSidecar(new Int32Array(8 << 18)) // and two for finding one
  const little = toSidecar(new Int32Array([1, 2, 3, 4]))
  const [small] = await place.writeRun(one(encodeSidecar(little)))
  const named = (sidecar: string): Slice => ({ ref: '', sidecar, min: '', end: '', rows: 1, chars: 1 })
  place.keep('a', eightMegabytes())
  place.keep('b', eightMegabytes())
  await place.sidecars([named('a')])
  place.keep('c', eightMegabytes())
  expect(['a', 'b', 'c'].map((ref) => place.hasSidecar(named(ref)))).toEqual([true, false, true])
  // Kept again, it is not counted twice.
  place.keep('c', eightMegabytes())
  expect(place.hasSidecar(named('a'))).toBe(true)
  const [read, kept] = await place.sidecars([named(small ?? ''), named('a')])
  expect([read, kept?.words.byteLength]).toEqual([little, 8 << 20])
  expect(place.usage().operations).toBe(2)
})

async function* one(text: string): AsyncGenerator<string> {
  yield text
}
