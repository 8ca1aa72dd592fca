import { expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { slimSlices } from '../../../../src/store/chunked/encode-head.ts'
import { emptyHead, emptyTable } from '../../../../src/store/chunked/head.ts'
import { PageWriter } from '../../../../src/store/chunked/page-writer.ts'
import { Pages } from '../../../../src/store/chunked/pages.ts'
import { Place } from '../../../../src/store/chunked/place.ts'
import type { Slice } from '../../../../src/store/chunked/slice.ts'

const slice = (at: number): Slice => {
  const name = (n: number) => `n${String(n).padStart(6, '0')}`
  return { ref: `c${at}`, sidecar: `s${at}`, min: name(at), end: name(at + 1), rows: 1, chars: 10 }
}

async function* texts(count: number): AsyncGenerator<string> {
  for (let at = 0; at < count; at++) yield JSON.stringify(slimSlices([slice(at)]))
}

/** A place with so many pages of one slice each. */
async function stored(count: number) {
  const place = new Place(memoryChunks())
  const refs = await place.writeRun(texts(count))
  return { place, refs, pages: new Pages(place) }
}

test('a list of more pages than are kept at hand is read whole', async () => {
  const { refs, pages } = await stored(3500)
  const slices = await pages.full([...refs, ...slimSlices([slice(3500)])])
  expect(slices).toHaveLength(3501)
  expect(slices.map(({ ref }) => ref)).toEqual(Array.from({ length: 3501 }, (_, at) => `c${at}`))
})

test('a page that is forgotten while others are read is not missing', async () => {
  const { refs, pages } = await stored(3500)
  const [first = ''] = refs
  await pages.full([first])
  const lists = await Promise.all([pages.full([first, ...refs.slice(1, 3)]), pages.full(refs.slice(3))])
  expect(lists.map(({ length }) => length)).toEqual([3, 3497])
})

test('pages at hand are not read again; the oldest ones give way', async () => {
  const { place, refs, pages } = await stored(2001)
  const cost = async (list: string[]) => {
    const before = place.usage().operations
    await pages.full(list)
    return place.usage().operations - before
  }
  expect(await cost(refs.slice(0, 2000))).toBe(2000)
  expect(await cost(refs.slice(0, 2000))).toBe(0)
  expect(await cost(refs.slice(2000))).toBe(1)
  expect(await cost(refs.slice(-900))).toBe(0)
  expect(await cost(refs.slice(0, 1))).toBe(1)
})

test.each([
  ['was not published, and that were collected since, are written again', false],
  ['was published are not written again', true],
])('pages of a head that %s', async (_, published) => {
  const place = new Place(memoryChunks())
  const pages = new Pages(place)
  const writer = new PageWriter(place, pages)
  const head = (level: Slice[]) => ({ ...emptyHead([0, 0], 0), tables: new Map([['t', { ...emptyTable, level }]]) })
  const namedBy = (level: Slice[]) => writer.slim(level).filter((item) => typeof item === 'string')
  const all = Array.from({ length: 3000 }, (_, at) => slice(at))
  await writer.write(head(all))
  writer.keep()
  // A commit that takes the end of a list away needs another last page, of slices that are all known.
  const fewer = all.slice(0, -60)
  const before = namedBy(fewer)
  await writer.write(head(fewer))
  const fresh = namedBy(fewer).filter((page) => !before.includes(page))
  expect(fresh).toHaveLength(1)
  if (published) writer.keep()
  else await place.remove(fresh.map((page) => page.split(':')[0] ?? ''))
  writer.forget()
  await writer.write(head(fewer))
  expect(namedBy(fewer).includes(fresh[0] ?? '')).toBe(published)
  expect(await new Pages(place).full(writer.slim(fewer))).toEqual(fewer)
})
