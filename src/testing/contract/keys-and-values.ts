import type { JsonObject } from '../../json.ts'
import type { Dataset } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import type { StoreCase } from './store-case.ts'
import { all, equal, rejects, rows, writer } from './support.ts'

/** Whatever JSON and a key can be comes back as it was. */
export const keyAndValueCases: readonly StoreCase[] = [
  {
    name: 'awkward keys are kept apart and in order: numbers, strings by code unit, composite keys',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const keys: Key[] = [-1e300, -2, -1.5, 0, 5e-324, 1, 2, 10, Number.MAX_SAFE_INTEGER, 1e300]
      keys.push(
        '',
        '\0',
        '\0\0',
        '\u0001',
        '\t',
        '\n',
        ' ',
        '"',
        '.',
        '..',
        '../x',
        '/',
        '1',
        '10',
        '2',
        '\\',
        '__proto__',
      )
      keys.push('constructor', 'toString', '\u00e9', 'e\u0301', '\ud7ff', '\ud800', '\ud83d\ude00', '\udc00', '\ue000')
      keys.push('\uffff', [1], [1, 'a'], [2], ['1'], ['a'], ['a', 'b'], ['a\0'], ['a\u0001'], ['ab'], ['x'.repeat(300)])
      const sorted = await sortedByStore(dataset, keys)
      const at = (wanted: Key) => sorted.findIndex((each) => JSON.stringify(each) === JSON.stringify(wanted))
      equal(sorted.length, keys.length)
      const numbers = keys.filter((each) => typeof each === 'number')
      const strings = keys.filter((each) => typeof each === 'string')
      equal(
        sorted.slice(0, numbers.length),
        numbers.sort((a, b) => a - b),
      )
      equal(sorted.slice(numbers.length, numbers.length + strings.length), strings.sort())
      equal(at(['a']) < at(['a', 'b']) && at(['a', 'b']) < at(['a\0']) && at(['a\u0001']) < at(['ab']), true)
      for (const each of keys) equal(await (await other().open('d')).get('awkward', each), { key: each as string })
    },
  },
  {
    name: 'a key of a million characters is a key like others',
    async run({ store }) {
      const dataset = await store.open('d')
      const long = 'x'.repeat(1_000_000)
      const entries: [Key, JsonObject][] = [long, `${long}y`, 'x'].map((each, i) => [each, { i }])
      await writer(dataset).put('t', entries)
      equal(
        (await all(dataset.scan('t'))).map(({ value }) => value.i),
        [2, 0, 1],
      )
      equal([await dataset.get('t', long), await dataset.get('t', `${long}y`)], [{ i: 0 }, { i: 1 }])
    },
  },
  {
    name: 'a key that is none is refused, and nothing is changed',
    async run({ store }) {
      const dataset = await store.open('d')
      for (const bad of [Number.NaN, [], null, {}, undefined, true, [['a']]] as unknown as Key[]) {
        await rejects('key_invalid', () => writer(dataset).put('t', [...rows(2), { key: bad, value: {} }]))
        await rejects('key_invalid', () => dataset.get('t', bad))
      }
      equal([await dataset.count('t'), await dataset.units()], [0, []])
    },
  },
  {
    name: 'values come back as they were: nested, unicode, lone surrogates, __proto__, large and small',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const values: JsonObject[] = [
        {},
        JSON.parse('{"__proto__":{"x":1},"constructor":null,"toString":[]}'),
        { text: '\0\n\t"\\\ud800é😀\u2028', list: [[[]], {}, null, true, -0.1, 1e-7, 1e21] },
        { large: 'é'.repeat(300_000) },
      ]
      await writer(dataset).put(
        't',
        values.map((value, i) => [i, value]),
      )
      for (const [i, value] of values.entries()) equal(await (await other().open('d')).get('t', i), value)
      equal(
        (await all(dataset.scan('t'))).map(({ value }) => value),
        values,
      )
      equal(({} as JsonObject).x, undefined)
    },
  },
  {
    name: 'what a caller does to a value afterwards does not change what is stored',
    async run({ store }) {
      const dataset = await store.open('d')
      const value = { list: [1] }
      const position = { page: 1 }
      await writer(dataset).put('t', [['a', value]], position)
      value.list.push(2)
      position.page = 2
      const read = await dataset.get('t', 'a')
      if (Array.isArray(read?.list)) read.list.push(3)
      equal(await dataset.get('t', 'a'), { list: [1] })
      equal((await dataset.position('u')).value, { page: 1 })
    },
  },
]

async function sortedByStore(dataset: Dataset, keys: readonly Key[]): Promise<Key[]> {
  const shuffled = keys.map((each, i) => ({ each, at: (i * 7919) % 101 })).sort((a, b) => a.at - b.at)
  const { put } = writer(dataset)
  await put(
    'awkward',
    shuffled.slice(0, 20).map(({ each }) => [each, { key: each as string }]),
  )
  await put(
    'awkward',
    shuffled.slice(20).map(({ each }) => [each, { key: each as string }]),
  )
  return (await all(dataset.scan('awkward'))).map((row) => row.key)
}
