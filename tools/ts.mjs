// Lets Node run the project's TypeScript as it is: `node --import ./tools/ts.mjs file.ts`.
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { transform } from 'esbuild'

// The hooks run in a thread of their own, which loads this file once more.
if (isMainThread) {
  register(import.meta.url)
  process.setSourceMapsEnabled(true)
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
  const sourcefile = fileURLToPath(url)
  const source = await readFile(sourcefile, 'utf8')
  const { code } = await transform(source, { sourcefile, loader: 'ts', target: 'node20', sourcemap: 'inline' })
  return { format: 'module', source: code, shortCircuit: true }
}
