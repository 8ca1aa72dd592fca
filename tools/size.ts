/**
 * `npm run size`: what the package costs in a user's bundle, minified and gzipped, all dependencies included, for each
 * way of importing it: what `import` loads at once, what the first sync loads besides, and what is loaded only by those
 * who need it. For the largest with one adapter, a ledger of which folder and which package the bytes come from. Each way
 * has limits of its own, and fails above them.
 */
import { entries } from './entries.ts'
import { bundle, type Chunk, loadedWith } from './size/bundle.ts'
import { entriesOfFirstSync } from './size/first-sync.ts'

/** Gzipped bytes: at once, and with what the first sync loads. */
interface Limits {
  readonly atOnce: number
  readonly withSync: number
}

const CORE_ALONE: Limits = { atOnce: 20_000, withSync: 63_000 }
const WITH_AN_ADAPTER: Limits = { atOnce: 30_000, withSync: 76_000 }
/** All that an app can import: each entry but the one for tests. */
const EVERYTHING: Limits = { atOnce: 54_000, withSync: 100_000 }

const CORE = entries['.']
const adapters = Object.entries(entries).filter(([entry]) => entry.startsWith('./adapters/'))

const { './testing': _forTests, ...ofApps } = entries

const shapes: readonly { name: string; sources: readonly string[]; adapter?: string; limits: Limits }[] = [
  { name: 'core', sources: [CORE], limits: CORE_ALONE },
  ...adapters.map(([entry, adapter]) => ({
    name: `core + ${entry.replace('./adapters/', '')}`,
    sources: [CORE, adapter],
    adapter,
    limits: WITH_AN_ADAPTER,
  })),
  { name: 'everything', sources: Object.values(ofApps), limits: EVERYTHING },
]

/** The chunks of a shape, by when they are loaded. */
interface Parts {
  readonly once: readonly Chunk[]
  readonly sync: readonly Chunk[]
  readonly rarely: readonly Chunk[]
}

/** Everything that the sources export is kept, as nobody could import more. */
async function partsOf(sources: readonly string[], adapter: string | undefined): Promise<Parts> {
  const chunks = await bundle(sources)
  const once = loadedWith(chunks, (entry) => entry === '<stdin>')
  const sync = loadedWith(chunks, await entriesOfFirstSync(adapter))
  const all = [...chunks.values()]
  return {
    once: [...once],
    sync: all.filter((chunk) => sync.has(chunk) && !once.has(chunk)),
    rarely: all.filter((chunk) => !sync.has(chunk) && !once.has(chunk)),
  }
}

/** Minified bytes by folder of the sources and by package. */
function ledger({ once, sync, rarely }: Parts): [place: string, bytes: number[]][] {
  const places = new Map<string, number[]>()
  for (const [column, chunks] of [once, sync, rarely].entries()) {
    for (const [file, { bytesInOutput }] of chunks.flatMap(({ sources }) => Object.entries(sources))) {
      const bytes = places.get(placeOf(file)) ?? [0, 0, 0]
      bytes[column] = (bytes[column] ?? 0) + bytesInOutput
      places.set(placeOf(file), bytes)
    }
  }
  return [...places].filter(([, bytes]) => sum(bytes) > 0).sort(([, a], [, b]) => sum(b) - sum(a))
}

function placeOf(file: string): string {
  const installed = file.split('node_modules/').at(-1)
  if (installed !== undefined && installed !== file)
    return installed.split('/', installed.startsWith('@') ? 2 : 1).join('/')
  return file.split('/').slice(0, 2).join('/')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

const gzipped = (chunks: readonly Chunk[]) => sum(chunks.map((chunk) => chunk.gzipped))
const format = (number: number) => number.toLocaleString('en')

function row(name: string, ...cells: (string | number)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'number' ? format(cell) : cell).padStart(12))
  return name.padEnd(30) + texts.join('')
}

const sizes: { name: string; parts: Parts; once: number; both: number; rarely: number; limits: Limits }[] = []
// One after the other: the chunks that are loaded are noted in one place.
for (const { name, sources, adapter, limits } of shapes) {
  const parts = await partsOf(sources, adapter)
  const [once, sync, rarely] = [gzipped(parts.once), gzipped(parts.sync), gzipped(parts.rarely)]
  sizes.push({ name, parts, once, both: once + sync, rarely, limits })
}
const largest = sizes.filter(({ limits }) => limits === WITH_AN_ADAPTER).reduce((a, b) => (b.both > a.both ? b : a))

console.log(row('gzipped bytes', 'at once', 'limit', 'with sync', 'limit', 'rarely'))
for (const { name, once, both, rarely, limits } of sizes) {
  console.log(row(name, once, limits.atOnce, both, limits.withSync, rarely))
}
console.log(`\n${row(`${largest.name}, minified`, 'at once', 'first sync', 'rarely')}`)
for (const [place, bytes] of ledger(largest.parts)) console.log(row(place, ...bytes))
for (const { name, once, both, limits } of sizes) {
  const over = Math.max(once - limits.atOnce, both - limits.withSync)
  if (over <= 0) continue
  console.log(`\nTOO LARGE: ${name}, by ${format(over)} bytes`)
  process.exitCode = 1
}
