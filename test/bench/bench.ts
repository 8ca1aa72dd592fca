import { type Figure, type Part, print } from './measure.ts'

/**
 * Compares in one run, on one machine: ratios and counts mean something, single times do not.
 * `npm run bench` runs all parts, `npm run bench -- store sync` those whose names begin so.
 */
const parts: Part[] = [
  {
    name: 'sync',
    what: '100,000 records from a local server, beside fetch alone; median of 5 rounds',
    run: async () => (await import('./sync.ts')).runSync(),
  },
  {
    name: 'schema',
    what: 'what inference costs, 100,000 records, without a network; median of 7 rounds',
    run: async () => (await import('./schema.ts')).runSchema(),
  },
  {
    name: 'store-indexeddb',
    what: 'IndexedDB in Chromium, beside Dexie',
    run: async () => (await import('./store-indexeddb.ts')).runIndexedDb(),
  },
  {
    name: 'store-files',
    what: 'files, beside node:sqlite',
    run: async () => (await import('./store-files.ts')).runFiles(),
  },
  {
    name: 'store-kv',
    what: "Cloudflare's KV, in its simulator",
    run: async () => (await import('./store-kv.ts')).runKv(),
  },
  {
    name: 'store-million',
    what: 'a million records in files, in a small process',
    run: async () => (await import('./store-million.ts')).runMillion(),
  },
]

const wanted = process.argv.slice(2)
const chosen = parts.filter(({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)))
if (chosen.length === 0) throw new Error(`No such part. There are: ${parts.map(({ name }) => name).join(', ')}`)
const figures: Figure[] = []
for (const { name, what, run } of chosen) {
  const start = performance.now()
  console.log(`\n${name}: ${what}`)
  const found = await run()
  print(found)
  figures.push(...found)
  console.log(`(${((performance.now() - start) / 1000).toFixed(0)} s)`)
}
const missed = figures.filter(({ holds }) => holds === false)
console.log(`\n${figures.length} figures, ${missed.length} of them miss their aim`)
