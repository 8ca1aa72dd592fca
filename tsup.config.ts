import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import { cliEntry, distName, entries } from './tools/entries.ts'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

// Here, not by `clean`: the two builds run side by side, and one would remove what the other wrote.
rmSync('dist', { recursive: true, force: true })

const distNames = new Map(Object.entries(entries).map(([entry, source]) => [resolve(source), distName(entry)]))

/** The files of the adapter of Node's file system may ask for Node; anywhere else it fails the build. */
const nodeOnlyInFilesystem: Plugin = {
  name: 'node-only-in-filesystem',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      importer.startsWith(resolve('adapters/filesystem'))
        ? { path, external: true, sideEffects: false }
        : { errors: [{ text: `${path} in a part that runs everywhere` }] },
    )
  },
}

/** The command uses the built library, as any user does: it has no second copy in it. */
const libraryIsExternal: Plugin = {
  name: 'library-is-external',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const name = distNames.get(resolve(resolveDir, path))
      return name === undefined ? undefined : { path: `./${name}.js`, external: true }
    })
  },
}

const shared: Options = {
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  splitting: true,
  removeNodeProtocol: false,
  tsconfig: 'tsconfig.node.json',
}

export default defineConfig([
  {
    ...shared,
    name: 'library',
    entry: Object.fromEntries(Object.entries(entries).map(([entry, source]) => [distName(entry), source])),
    platform: 'neutral',
    // tsup sets `baseUrl`, which TypeScript 6 deprecates.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    esbuildPlugins: [nodeOnlyInFilesystem],
  },
  { ...shared, name: 'cli', entry: { cli: cliEntry }, platform: 'node', esbuildPlugins: [libraryIsExternal] },
])
