/**
 * `npm run size`: what the package costs in a user's bundle, minified and gzipped, all dependencies included, for each
 * way of importing it: what `import` loads at once, what the first sync loads besides, and what is loaded only by those
 * who need it. For the largest, a ledger of which folder and which package the bytes come from. Fails above the limits.
 */
import { entries } from './entries.ts'
import { bundle, type Chunk, loadedWith } from './size/bundle.ts'
import { entriesOfFirstSync } from './size/first-sync.ts'

/** Gzipped bytes of the core and one adapter: at once, and with what the first sync loads. */
const AT_ONCE = 30_000
const WITH_FIRST_SYNC = 76_000

const CORE = entries['.']
const adapters = Object.entries(entries).filter(([entry]) => entry.startsWith('./adapters/'))

const shapes: readonly { name: string; adapter?: string }[] = [
  { name: 'core' },
  ...adapters.map(([entry, adapter]) => ({ name: `core + ${entry.replace('./adapters/', '')}`, adapter })),
]

/** The chunks of a shape, by when they are loaded. */
interface Parts {
  readonly once: readonly Chunk[]
  readonly sync: readonly Chunk[]
  readonly rarely: readonly Chunk[]
}

/** Everything that the sources export is kept, as nobody could import more. */
async function partsOf(adapter: string | undefined): Promise<Parts> {
  const chunks = await bundle(adapter === undefined ? [CORE] : [CORE, adapter])
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

function verdict(what: string, bytes: number, limit: number): boolean {
  console.log(`${what}: ${format(bytes)} of ${format(limit)} bytes`)
  return bytes <= limit
}

const sizes: { name: string; parts: Parts; once: number; sync: number; rarely: number }[] = []
// One after the other: the chunks that are loaded are noted in one place.
for (const { name, adapter } of shapes) {
  const parts = await partsOf(adapter)
  sizes.push({ name, parts, once: gzipped(parts.once), sync: gzipped(parts.sync), rarely: gzipped(parts.rarely) })
}
const largest = sizes.reduce((a, b) => (b.once + b.sync > a.once + a.sync ? b : a))

console.log(row('gzipped bytes', 'at once', 'first sync', 'both', 'rarely'))
for (const { name, once, sync, rarely } of sizes) console.log(row(name, once, sync, once + sync, rarely))
console.log(`\n${row(`${largest.name}, minified`, 'at once', 'first sync', 'rarely')}`)
for (const [place, bytes] of ledger(largest.parts)) console.log(row(place, ...bytes))
console.log()
const atOnce = verdict('At once', Math.max(...sizes.map(({ once }) => once)), AT_ONCE)
const withSync = verdict('With the first sync', largest.once + largest.sync, WITH_FIRST_SYNC)
process.exitCode = atOnce && withSync ? 0 : 1
