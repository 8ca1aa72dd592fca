import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type * as core from '../../src/index.ts'
import type { chunked } from '../../src/store/index.ts'

/** What the simulation drives. */
export type Engine = Pick<typeof core, 'defineSource' | 'step'> & { chunked: typeof chunked }

/** A change of the source text. `find` must occur exactly once. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The engine as it is in `src`, bundled; with edits, a copy that has them. Bundled, since that runs twice as fast. */
export async function loadEngine(edits: readonly Edit[] = []): Promise<Engine> {
  const missing = new Set(edits)
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
          onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
            let contents = await readFile(path, 'utf8')
            for (const edit of edits) {
              if (!path.replaceAll('\\', '/').endsWith(`/src/${edit.file}`)) continue
              contents = replaceOnce(contents, edit)
              missing.delete(edit)
            }
            return { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  for (const { file } of missing) throw new Error(`src/${file} is not part of the engine`)
  const folder = await mkdtemp(join(tmpdir(), 'syncline-engine-'))
  try {
    const file = join(folder, 'engine.mjs')
    await writeFile(file, outputFiles[0]?.contents ?? '')
    return (await import(pathToFileURL(file).href)) as Engine
  } finally {
    await rm(folder, { recursive: true })
  }
}

function replaceOnce(text: string, { file, find, replace }: Edit): string {
  const [before, after, more] = text.split(find)
  if (before === undefined || after === undefined || more !== undefined) {
    throw new Error(`src/${file} has ${text.split(find).length - 1} times, not once: ${find}`)
  }
  return before + replace + after
}
