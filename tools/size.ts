/**
 * `npm run size`: what the package costs in a user's bundle, minified and gzipped, all dependencies included, for each
 * way of importing it; and for the last shape a ledger of which folder and which package the bytes come from. Fails
 * above the limit.
 */
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { entries } from './entries.ts'

/** Bytes of the core and one adapter. */
const LIMIT = 30_000

const CORE = entries['.']
const adapters = Object.entries(entries).filter(([entry]) => entry.startsWith('./adapters/'))

const shapes: readonly { name: string; sources: readonly string[] }[] = [
  { name: 'core', sources: [CORE] },
  ...adapters.map(([entry, source]) => ({
    name: `core + ${entry.replace('./adapters/', '')}`,
    sources: [CORE, source],
  })),
]

interface Size {
  readonly name: string
  /** What is loaded at once. */
  readonly minified: number
  readonly gzipped: number
  /** What is loaded on demand, gzipped. */
  readonly lazy: number
  readonly metafile: Metafile
}

/** Everything that the sources export is kept, as nobody could import more. */
async function measure(name: string, sources: readonly string[]): Promise<Size> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: sources.map((source) => `export * from './${source}'`).join('\n'), resolveDir: '.' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // As in a browser. Node's own modules cost a user of the file adapter nothing.
    platform: 'browser',
    external: ['node:*'],
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const eager = loadedAtOnce(metafile)
  const files = outputFiles.map(({ path, contents }) => ({
    once: eager.has(relative('.', path)),
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
  }))
  return {
    name,
    minified: sum(files.map((file) => (file.once ? file.minified : 0))),
    gzipped: sum(files.map((file) => (file.once ? file.gzipped : 0))),
    lazy: sum(files.map((file) => (file.once ? 0 : file.gzipped))),
    metafile,
  }
}

function loadedAtOnce({ outputs }: Metafile): ReadonlySet<string> {
  const loaded = new Set(Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === '<stdin>'))
  for (const file of loaded) {
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && outputs[path]) loaded.add(path)
  }
  return loaded
}

/** Minified bytes by folder of the sources and by package. */
function ledger({ outputs }: Metafile): [place: string, bytes: number][] {
  const bytes = new Map<string, number>()
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const place = placeOf(file)
      bytes.set(place, (bytes.get(place) ?? 0) + bytesInOutput)
    }
  }
  return [...bytes].sort(([, a], [, b]) => b - a)
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

function row(name: string, ...numbers: number[]): string {
  return name.padEnd(24) + numbers.map((number) => number.toLocaleString('en').padStart(12)).join('')
}

const sizes = await Promise.all(shapes.map(({ name, sources }) => measure(name, sources)))
const largest = sizes.reduce((a, b) => (b.gzipped > a.gzipped ? b : a))

console.log(`${'bytes'.padEnd(24)}    minified     gzipped   on demand`)
for (const { name, minified, gzipped, lazy } of sizes) console.log(row(name, minified, gzipped, lazy))
console.log(`\n${largest.name}: where its minified bytes come from`)
for (const [place, bytes] of ledger(largest.metafile)) console.log(row(place, bytes))
console.log(`\nThe largest is ${largest.gzipped.toLocaleString('en')} of ${LIMIT.toLocaleString('en')} bytes`)
process.exitCode = largest.gzipped > LIMIT ? 1 : 0
