import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

/** Tells the first sync which chunks were loaded. Not counted. */
const MARK = 'globalThis.loadedChunks?.add(import.meta.url);'

export interface Chunk {
  /** As esbuild names it, and as it is written. */
  readonly file: string
  readonly text: string
  readonly minified: number
  readonly gzipped: number
  /** The source that is loaded with `import()`, of chunks that are. */
  readonly entry: string | undefined
  /** Chunks that come with this one. */
  readonly imports: readonly string[]
  /** Minified bytes of each source. */
  readonly sources: Metafile['outputs'][string]['inputs']
}

/** What users get who import everything of these sources: minified, all dependencies in it, in chunks. */
export async function bundle(sources: readonly string[]): Promise<ReadonlyMap<string, Chunk>> {
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
    banner: { js: MARK },
    outdir: 'out',
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const chunks = outputFiles.map(({ path, text }): [string, Chunk] => {
    const file = relative('.', path)
    const { entryPoint, imports, inputs } = metafile.outputs[file] ?? { imports: [], inputs: {} }
    const counted = text.replace(MARK, '').trimStart()
    const statics = imports.filter(({ kind, external }) => kind === 'import-statement' && !external)
    return [
      file,
      {
        file,
        text,
        minified: Buffer.byteLength(counted),
        gzipped: gzipSync(counted, { level: 9 }).length,
        entry: entryPoint,
        imports: statics.map((each) => each.path),
        sources: inputs,
      },
    ]
  })
  return new Map(chunks)
}

/** The chunks that are loaded when those of these entries are: they and what they import. */
export function loadedWith(
  chunks: ReadonlyMap<string, Chunk>,
  isLoaded: (entry: string) => boolean,
): ReadonlySet<Chunk> {
  const loaded = new Set([...chunks.values()].filter(({ entry }) => entry !== undefined && isLoaded(entry)))
  for (const { imports } of loaded) {
    for (const file of imports) {
      const chunk = chunks.get(file)
      if (chunk !== undefined) loaded.add(chunk)
    }
  }
  return loaded
}
