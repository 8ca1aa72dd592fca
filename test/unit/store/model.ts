import fc from 'fast-check'
import { expect } from 'vitest'
import type { JsonObject } from '../../../src/json.ts'
import type { Change, Dataset } from '../../../src/store/dataset.ts'
import { compareKeys, encodeKey, type Key } from '../../../src/store/key.ts'

/** What a store must behave like: plain maps. */
type Model = Map<string, Map<string, { key: Key; value: JsonObject }>>

type Command =
  | { do: 'write'; table: string; put: [Key, JsonObject][]; delete: Key[] }
  | { do: 'swap' | 'drop' | 'reopen' | 'changes' | 'scan'; table: string; after?: Key }

const TABLES = ['a', 'b', '__proto__']
const table = fc.constantFrom(...TABLES)
const part = fc.oneof(
  fc.integer({ min: -3, max: 30 }),
  fc.integer({ min: 0, max: 60 }).map((n) => `k${n}`),
  fc.constantFrom('__proto__', '', '\0', '\u0001', '\ud800', '\udc00', 'é', '😀', '\t\n"\\', 1.5),
)
const key: fc.Arbitrary<Key> = fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 2 }))
const plain = { noNullPrototype: true }
const value: fc.Arbitrary<JsonObject> = fc.record(
  {
    n: fc.integer({ min: 0, max: 2 }),
    text: fc.constantFrom('', 'x'.repeat(40), '\ud800', null),
    nested: fc.constantFrom([], [1, { b: 1, a: [null, -0.5] }], JSON.parse('{"__proto__":1,"constructor":2}')),
  },
  plain,
)
const write = fc.record({
  do: fc.constant('write' as const),
  table,
  put: fc.array(fc.tuple(key, value), { maxLength: 30 }),
  delete: fc.array(key, { maxLength: 8 }),
})
const other = fc.record({
  do: fc.constantFrom('swap' as const, 'drop' as const, 'reopen' as const, 'changes' as const, 'scan' as const),
  table,
  after: key,
})
export const commands: fc.Arbitrary<Command[]> = fc.array(fc.oneof({ weight: 4, arbitrary: write }, other), {
  minLength: 5,
  maxLength: 60,
})

/** Runs the commands against the store and the model, and compares after each. */
export async function checkHistory(history: readonly Command[], open: () => Promise<Dataset>): Promise<void> {
  const model: Model = new Map()
  let dataset = await open()
  let expected = (await dataset.position('unit')).version
  let seen = { version: await dataset.version(), model: copy(model) }
  for (const [step, command] of history.entries()) {
    if (command.do === 'reopen') {
      await dataset.close()
      dataset = await open()
    } else if (command.do === 'changes') {
      await checkChanges(dataset, seen, model)
      seen = { version: await dataset.version(), model: copy(model) }
    } else if (command.do === 'scan') {
      const rows = sorted(model, command.table).filter(
        (row) => command.after === undefined || compareKeys(row.key, command.after) > 0,
      )
      expect(
        await collect(dataset.scan(command.table, command.after === undefined ? {} : { after: command.after })),
      ).toEqual(rows)
      expect(await collect(dataset.scan(command.table, { limit: 3 }))).toEqual(sorted(model, command.table).slice(0, 3))
    } else {
      const { commit, counts } = applyTo(model, command)
      const result = await dataset.commit({ unit: 'unit', position: { step }, expect: expected, ...commit })
      expected = result.version
      if (counts !== undefined) expect(own(result.tables, command.table)).toEqual(counts)
    }
    for (const name of TABLES) expect(await dataset.count(name)).toBe(model.get(name)?.size ?? 0)
  }
  await checkAll(dataset, model, expected)
  await dataset.close()
  await checkAll(await open(), model, expected)
}

function applyTo(model: Model, command: Command) {
  if (command.do === 'drop') {
    model.delete(command.table)
    return { commit: { drop: [command.table] } }
  }
  if (command.do === 'swap') {
    const [live, staged] = ['a', 'b']
    const rows = model.get(staged)
    model.delete(live)
    model.delete(staged)
    if (rows !== undefined) model.set(live, rows)
    return { commit: { swap: { [live]: staged } } }
  }
  if (command.do !== 'write') throw new Error('not a change')
  const rows = model.get(command.table) ?? new Map()
  const put = [...new Map(command.put.map(([key, value]) => [encodeKey(key), { key, value }])).values()]
  const puts = new Set(put.map((row) => encodeKey(row.key)))
  const deletes = [...new Map(command.delete.map((key) => [encodeKey(key), key])).values()].filter(
    (key) => !puts.has(encodeKey(key)),
  )
  const counts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }
  for (const row of put) {
    const old = rows.get(encodeKey(row.key))
    if (old === undefined) counts.added++
    else if (fc.stringify(old.value) === fc.stringify(row.value)) counts.unchanged++
    else counts.updated++
    rows.set(encodeKey(row.key), row)
  }
  for (const key of deletes) if (rows.delete(encodeKey(key))) counts.deleted++
  if (rows.size > 0) model.set(command.table, rows)
  else model.delete(command.table)
  return { commit: { tables: Object.fromEntries([[command.table, { put, delete: deletes }]]) }, counts }
}

async function checkAll(dataset: Dataset, model: Model, version: string) {
  expect((await dataset.position('unit')).version).toBe(version)
  expect((await dataset.tables()).sort()).toEqual([...model.keys()].sort())
  for (const name of TABLES) {
    const rows = sorted(model, name)
    expect(await collect(dataset.scan(name))).toEqual(rows)
    const keys = [...rows.map((row) => row.key), 'absent', 99]
    expect(await dataset.getMany(name, keys)).toEqual([...rows.map((row) => row.value), undefined, undefined])
    for (const row of rows.slice(0, 3)) expect(await dataset.get(name, row.key)).toEqual(row.value)
  }
}

async function checkChanges(dataset: Dataset, seen: { version: string; model: Model }, model: Model) {
  const changes = await dataset.changes(seen.version)
  if (changes === 'reset') return
  const known = new Set<string>()
  const replayed = copy(seen.model)
  for (const change of await collect<Change>(changes)) {
    const id = JSON.stringify([change.table, encodeKey(change.key)])
    expect(known.has(id)).toBe(false)
    known.add(id)
    const rows = replayed.get(change.table) ?? new Map()
    // A row that came and went in between is told to be gone.
    if (change.type !== 'deleted') expect(rows.has(encodeKey(change.key))).toBe(change.type !== 'added')
    if (change.type === 'deleted') rows.delete(encodeKey(change.key))
    else rows.set(encodeKey(change.key), { key: change.key, value: change.value })
    if (rows.size > 0) replayed.set(change.table, rows)
    else replayed.delete(change.table)
  }
  for (const name of TABLES) expect(sorted(replayed, name)).toEqual(sorted(model, name))
}

function sorted(model: Model, table: string) {
  return [...(model.get(table)?.values() ?? [])].sort((a, b) => compareKeys(a.key, b.key))
}

function copy(model: Model): Model {
  return new Map([...model].map(([name, rows]) => [name, new Map(rows)]))
}

async function collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.getOwnPropertyDescriptor(object, key)?.value
}
