import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { rollup } from 'rollup'
import { build as vite } from 'vite'

/** The bundlers that only this test needs are installed beside the runtimes. */
const fromRuntimes = createRequire(new URL('../../runtimes/package.json', import.meta.url))

/** Bundles `entry`, in `folder`, as an app for browsers without options that matter; the file to run. */
export type Bundle = (folder: string, entry: string, outdir: string) => Promise<string>

export const bundlers: Record<string, Bundle> = {
  async esbuild(_, entry, outdir) {
    await esbuild({ entryPoints: [entry], outdir, bundle: true, splitting: true, minify: true, format: 'esm' })
    return join(outdir, 'main.js')
  },

  async Vite(root, entry, outDir) {
    const output = { entryFileNames: 'main.js' }
    const build = {
      outDir,
      emptyOutDir: true,
      rollupOptions: { input: entry, output },
      modulePreload: false,
    }
    await vite({ root, configFile: false, logLevel: 'error', build })
    return join(outDir, 'main.js')
  },

  async Rollup(_, entry, dir) {
    const { nodeResolve } = fromRuntimes('@rollup/plugin-node-resolve')
    const warnings: string[] = []
    const onwarn = ({ message }: { message: string }) => void warnings.push(message)
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })], onwarn })
    await bundle.write({ dir, format: 'esm' })
    await bundle.close()
    if (warnings.length > 0) throw new Error(warnings.join('\n'))
    return join(dir, 'main.js')
  },

  async webpack(context, entry, path) {
    const webpack = fromRuntimes('webpack') as (options: object, done: (error: unknown, stats: Stats) => void) => void
    const output = {
      path,
      filename: 'main.js',
      chunkFormat: 'module',
      chunkLoading: 'import',
      module: true,
      clean: true,
    }
    const options = {
      mode: 'production',
      context,
      entry,
      target: ['web', 'es2022'],
      experiments: { outputModule: true },
      output,
    }
    await new Promise<void>((resolve, reject) => {
      webpack(options, (error, stats) => {
        if (error || stats.hasErrors() || stats.hasWarnings()) reject(error ?? new Error(stats.toString()))
        else resolve()
      })
    })
    return join(path, 'main.js')
  },
}

interface Stats {
  hasErrors(): boolean
  hasWarnings(): boolean
}
