import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { SourceConfig } from '../../src/config/source-config.ts'
import { defineSource, openDataset, type Source, sync } from '../../src/index.ts'
import type { JsonObject, JsonValue } from '../../src/json.ts'
import { pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json } from '../support/server.ts'

/** Of the second parent, cursors are so much greater: it has one of its own. */
const BASES = { root: [0], children: [0, 1000] }

/** A record at `n`; `undefined`: without a cursor. */
function row(base: number, n: number | null | undefined, rest: JsonObject = {}): JsonObject {
  const cursor = typeof n === 'number' ? { n: base + n } : n === null ? { n } : {}
  return { id: `${base} ${n}`, ...cursor, ...rest }
}

/** One resource `items` with this cursor; as children, below two parents. The API ignores the cursor, and pages by two. */
function world(kind: keyof typeof BASES, incremental: object) {
  const tables = new Map(BASES[kind].map((base): [number, JsonObject[]] => [base, []]))
  const asked: { base: number; from?: JsonValue; until?: JsonValue; offset: number }[] = []
  const server = fakeServer(({ url, query: { from, until, offset = 0 } }) => {
    if (url.endsWith('/posts')) return json({ data: BASES.children.map((id) => ({ id })) })
    const base = Number(/posts\/(\d+)/.exec(url)?.[1] ?? 0)
    asked.push({ base, ...(from && { from }), ...(until && { until }), offset: Number(offset) })
    const rows = tables.get(base) ?? []
    return json({ data: rows.slice(Number(offset), Number(offset) + 2), total: rows.length })
  })
  const endpoint = { incremental: { cursorPath: 'n', startParam: 'from', ...incremental } }
  const items = { name: 'items', endpoint: { ...endpoint, path: '/items' } }
  const below = { ...items, endpoint: { ...endpoint, path: '/posts/{resources.posts.id}/items' } }
  const config = {
    name: 'cursors',
    ...pagedBy(2),
    resources: kind === 'root' ? [items] : [{ name: 'posts', endpoint: { paginator: 'single_page' } }, below],
  }
  const source = defineSource(config as SourceConfig) as Source<Record<string, JsonObject>>
  const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
  /** Runs, and tells what was asked for and how it was counted. */
  async function run(options: object = {}) {
    asked.splice(0)
    const { resources } = await sync(source, store, { ports, ...options })
    const { items: counts } = resources
    const { added, updated, unchanged, filtered } = counts ?? {}
    expect(counts?.complete).toBe(true)
    return { asked: [...asked], counts: [added, updated, unchanged, filtered] }
  }
  async function stored() {
    const data = await openDataset(source, store)
    const rows: JsonObject[] = []
    for await (const batch of data.table('items').scan()) rows.push(...batch)
    return rows
  }
  return { tables, run, stored, bases: BASES[kind] }
}

const kinds = Object.keys(BASES) as (keyof typeof BASES)[]

/** What the second and third run ask for, when the first has seen 1 to 5, and the second a change of 5, and 6. */
interface Case {
  incremental: object
  /** By base: where the first run starts, the second, and the third. */
  from: (base: number) => [first: JsonValue | undefined, second: JsonValue, third: JsonValue]
  /** Of the second run, for each parent: rows added, updated, unchanged, filtered. */
  counts: [number, number, number, number]
}

const cases: Record<string, Case> = {
  'no option': { incremental: {}, from: (base) => [undefined, base + 5, base + 6], counts: [1, 1, 0, 4] },
  lag: { incremental: { lag: 3 }, from: (base) => [undefined, base + 2, base + 3], counts: [1, 1, 3, 1] },
  'lag, never past the initial value': {
    incremental: { lag: 3, initialValue: 3 },
    from: (base) => [3, Math.max(3, base + 2), Math.max(3, base + 3)],
    counts: [1, 1, 2, 2],
  },
  convert: {
    incremental: { convert: (value: number) => `no. ${value}`, initialValue: 1 },
    from: (base) => ['no. 1', `no. ${base + 5}`, `no. ${base + 6}`],
    counts: [1, 1, 0, 4],
  },
  'rangeStart: open': {
    incremental: { rangeStart: 'open' },
    from: (base) => [undefined, base + 5, base + 6],
    counts: [1, 0, 0, 5],
  },
}

describe.each(kinds)('a cursor of %s', (kind) => {
  test.each(Object.entries(cases))('%s', async (_, { incremental, from, counts }) => {
    const { tables, run, bases } = world(kind, incremental)
    for (const base of bases)
      tables.set(
        base,
        [1, 2, 3, 4, 5].map((n) => row(base, n)),
      )
    const starts = ({ asked }: Awaited<ReturnType<typeof run>>) =>
      bases.map((base) => [...new Set(asked.filter((each) => each.base === base).map(({ from }) => from))])
    const text = (value: JsonValue | undefined) => (value === undefined ? undefined : String(value))
    const expected = (nth: 0 | 1 | 2) => bases.map((base) => [text(from(base)[nth])])
    expect(starts(await run())).toEqual(expected(0))
    for (const base of bases) tables.get(base)?.splice(4, 1, row(base, 5, { changed: true }), row(base, 6))
    const second = await run()
    expect(starts(second)).toEqual(expected(1))
    // The second parent's rows are all past the initial value.
    if (kind === 'root' || !('initialValue' in incremental) || !('lag' in incremental)) {
      expect(second.counts).toEqual(counts.map((count) => count * bases.length))
    } else expect(second.counts).toEqual([2, 2, 5, 3])
    expect(starts(await run())).toEqual(expected(2))
    // A full refresh begins where the first run did.
    expect(starts(await run({ full: true }))).toEqual(expected(0))
  })

  test.each<[string, number[]]>([
    ['closed', [2, 3, 4]],
    ['open', [2, 3]],
  ])('a range with rangeEnd %s is a backfill: it neither reads nor moves a cursor', async (rangeEnd, inside) => {
    const { tables, run, stored, bases } = world(kind, { initialValue: 2, endValue: 4, endParam: 'until', rangeEnd })
    for (const base of bases)
      tables.set(
        base,
        [1, 2, 3, 4, 5].map((n) => row(base, n)),
      )
    for (let runs = 0; runs < 2; runs++) {
      const { asked } = await run()
      expect(new Set(asked.map(({ from, until }) => `${from}-${until}`))).toEqual(new Set(['2-4']))
    }
    expect((await stored()).map(({ n }) => n)).toEqual(inside)
  })

  test('lastValueFunc min: what is less than all that came', async () => {
    const { tables, run, bases } = world(kind, { lastValueFunc: 'min' })
    for (const base of bases)
      tables.set(
        base,
        [5, 7].map((n) => row(base, n)),
      )
    await run()
    for (const base of bases) tables.get(base)?.push(row(base, 6), row(base, 4))
    const { asked, counts } = await run()
    expect(asked.map(({ base, from }) => Number(from) - base)).toEqual(asked.map(() => 5))
    expect(counts).toEqual([1, 0, 1, 2].map((count) => count * bases.length))
    expect((await run()).asked.map(({ base, from }) => Number(from) - base)).toEqual(asked.map(() => 4))
  })

  test.each([null, undefined])('a record whose cursor is %s', async (missing) => {
    for (const onCursorValueMissing of ['include', 'exclude'] as const) {
      const { tables, run, stored, bases } = world(kind, { onCursorValueMissing })
      for (const base of bases)
        tables.set(
          base,
          [1, missing, 2].map((n) => row(base, n)),
        )
      const kept = onCursorValueMissing === 'include' ? 1 : 0
      expect((await run()).counts).toEqual([2 + kept, 0, 0, 1 - kept].map((count) => count * bases.length))
      expect(await stored()).toHaveLength((2 + kept) * bases.length)
      // The cursor is that of the others. Rows without one come with every run.
      const { asked, counts } = await run()
      expect(asked.map(({ base, from }) => Number(from) - base)).toEqual(asked.map(() => 2))
      expect(counts).toEqual([0, 0, 1 + kept, 2 - kept].map((count) => count * bases.length))
    }
    const { tables, run, stored, bases } = world(kind, {})
    const last = bases.at(-1) ?? 0
    for (const base of bases)
      tables.set(
        base,
        [1, 2, 3].map((n) => row(base, n)),
      )
    await run()
    tables.get(last)?.push(row(last, missing), row(last, 4))
    const code = missing === null ? 'cursor_null' : 'cursor_missing'
    await expect(run()).rejects.toMatchObject({ code, resource: 'items', hint: expect.stringContaining('include') })
    expect(await stored()).toHaveLength(3 * bases.length)
    // The cursor stays, of this parent too; those that were read before it have theirs.
    tables.get(last)?.splice(3, 1)
    const { asked } = await run()
    expect(asked.filter(({ base }) => base === last).map(({ from }) => from)).toEqual([String(last + 3)])
    expect(await stored()).toHaveLength(3 * bases.length + 1)
  })

  test('a declared order ends the paging early, and once it does not hold, not', async () => {
    const { tables, run, stored, bases } = world(kind, { rowOrder: 'desc' })
    for (const base of bases)
      tables.set(
        base,
        [3, 2, 1].map((n) => row(base, n)),
      )
    await run()
    const pagesOf = async () => {
      const { asked } = await run()
      return bases.map((base) => asked.filter((each) => each.base === base).map(({ offset }) => offset))
    }
    for (const base of bases) tables.get(base)?.unshift(row(base, 4))
    expect(await pagesOf()).toEqual(bases.map(() => [0, 2]))
    expect(await pagesOf()).toEqual(bases.map(() => [0]))
    // Of the last parent only: it is read to its end, and has all of its rows.
    const last = bases.at(-1) ?? 0
    tables.set(
      last,
      [3, 6, 2, 1, 5].map((n) => row(last, n)),
    )
    expect(await pagesOf()).toEqual(bases.map((base) => (base === last ? [0, 2, 4] : [0])))
    const held = (await stored()).filter(({ id }) => String(id).startsWith(`${last} `))
    expect(held.map(({ n }) => Number(n) - last)).toEqual([1, 2, 3, 4, 5, 6])
  })
})
