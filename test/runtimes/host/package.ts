import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { entries } from '../../../tools/entries.ts'
import { pack } from '../../../tools/pack.ts'
import { installConsumer } from '../../dist/support/consumer.ts'
import type { Listed } from '../entries/list.ts'

type Entry = 'list' | 'process' | 'page' | 'worker' | 'mocked'

/** A folder in which the package is installed as users install it, with the suite beside it. */
export interface Consumer {
  readonly folder: string
  /** Names and needs of all cases. */
  list(): Promise<readonly Listed[]>
  /** The path of a bundle of this entry. */
  bundle(entry: Entry): Promise<string>
  remove(): void
}

export function createConsumer(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-runtimes-'))
  installConsumer(folder, pack().tarball)
  const made = new Map<string, Promise<string>>()
  const bundle = (entry: Entry) => {
    const path = made.get(entry) ?? makeBundle(folder, entry)
    made.set(entry, path)
    return path
  }
  return {
    folder,
    bundle,
    list: async () => (await import(pathToFileURL(await bundle('list')).href)).list,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function makeBundle(folder: string, entry: Entry): Promise<string> {
  const module = join(folder, `${entry}.mjs`)
  await bundleSuite(`test/runtimes/entries/${entry}.ts`, module)
  if (entry !== 'page' && entry !== 'worker') return module
  // All of it in one file, as a user's bundler makes it, from the installed package.
  const outfile = join(folder, `${entry}.bundle.mjs`)
  await build({
    entryPoints: [module],
    outfile,
    bundle: true,
    format: entry === 'page' ? 'iife' : 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: entry === 'page' ? ['browser'] : ['workerd', 'worker', 'browser'],
    plugins: [withoutNode],
    logLevel: 'error',
  })
  return outfile
}

/** The suite in one file that imports the package by its name. */
async function bundleSuite(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*', 'syncline', 'syncline/*', 'valibot', 'msw', 'msw/*'],
    plugins: [fromPackage],
    logLevel: 'error',
  })
}

const published = new Map(
  Object.entries(entries).map(([name, source]) => [resolve(source), name.replace('.', 'syncline')] as const),
)
const inSource = [resolve('src'), resolve('adapters')]

/** What other tests share imports the sources: here that means the package, and what is not in it must not be needed. */
const fromPackage: Plugin = {
  name: 'from-package',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path)
      const name = published.get(file)
      if (name !== undefined) return { path: name, external: true }
      if (file === resolve('test/support/ports.ts')) return { path: resolve('test/runtimes/suite/ports.ts') }
      if (inSource.some((folder) => file.startsWith(folder))) {
        return { errors: [{ text: `${basename(file)} is not in the package` }] }
      }
      return undefined
    })
  },
}

/** Node's modules are there to be imported, and fail when they are used. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'without-node' }))
    onLoad({ filter: /./, namespace: 'without-node' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => () => { throw new Error('${path} is not here: ' + String(name)) } })`,
    }))
  },
}
