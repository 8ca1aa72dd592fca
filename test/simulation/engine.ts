import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type * as core from '../../src/index.ts'
import type { chunked } from '../../src/store/index.ts'

/** What the simulation drives. */
export type Engine = Pick<typeof core, 'defineSource' | 'step'> & { chunked: typeof chunked }

/** A change of the source text. `find` must occur once in `src`, or once in the file that is named. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The engine as it is in `src`, bundled; with edits, a copy that has them. Bundled, since that runs twice as fast. */
export async function loadEngine(edits: readonly Edit[] = []): Promise<Engine> {
  const changed = edits.length === 0 ? new Map<string, string>() : edited(edits)
  const { outputFiles } = await build({
    stdin: {
      contents: `export { defineSource, step } from './src/index.ts'\nexport { chunked } from './src/store/index.ts'`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    write: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'edits',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = changed.get(path)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  const folder = await mkdtemp(join(tmpdir(), 'syncline-engine-'))
  try {
    const file = join(folder, 'engine.mjs')
    await writeFile(file, outputFiles[0]?.contents ?? '')
    return (await import(pathToFileURL(file).href)) as Engine
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The files of `src` that the edits change. Files may be renamed and split: the text decides. */
function edited(edits: readonly Edit[]): Map<string, string> {
  const src = join(ROOT, 'src')
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const texts = new Map(paths.map((path) => [join(src, path), readFileSync(join(src, path), 'utf8')]))
  const changed = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const places = [...texts].flatMap(([path, text]) =>
      text
        .split(find)
        .slice(1)
        .map(() => path),
    )
    const named = places.filter((path) => path === join(src, file))
    const [path, ...others] = places.length === 1 ? places : named
    if (path === undefined || others.length > 0) throw new Error(`src has ${places.length} times, not once: ${find}`)
    const [before, ...after] = (changed.get(path) ?? texts.get(path) ?? '').split(find)
    changed.set(path, [before, after.join(find)].join(replace))
  }
  return changed
}
