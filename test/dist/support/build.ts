import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { TestProject } from 'vitest/node'
import { pack } from '../../../tools/pack.ts'
import { installConsumer } from './consumer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as npm would publish it, of the sources as they are now. */
    tarball: string
    /** The paths of the files in it. */
    packed: string[]
    /** A folder outside the repository where the package and what it needs are installed, and nothing else. */
    consumer: string
  }
}

/** Builds, packs and installs once, for all tests of this folder. Deno and two of the bundlers lie beside the runtimes. */
export function setup(project: TestProject): () => void {
  execFileSync(process.execPath, ['tools/ensure.mjs', 'test/runtimes'], { stdio: 'inherit' })
  const temp = mkdtempSync(join(tmpdir(), 'syncline-dist-'))
  const { tarball, files } = pack()
  project.provide('tarball', tarball)
  project.provide('packed', files)
  project.provide('consumer', installConsumer(join(temp, 'consumer'), tarball))
  return () => rmSync(temp, { recursive: true, force: true })
}
