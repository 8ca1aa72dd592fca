import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installConsumer } from './consumer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as npm would publish it, built just now. */
    tarball: string
    /** The paths of the files in it. */
    packed: string[]
    /** A folder outside the repository where the package and what it needs are installed, and nothing else. */
    consumer: string
  }
}

/** Builds, packs and installs once, for all tests of this folder. */
export function setup(project: TestProject): () => void {
  const temp = mkdtempSync(join(tmpdir(), 'syncline-dist-'))
  run('npx', ['tsup', '--silent'])
  // Without scripts: `prepack` would build again.
  const [pack] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', temp]))
  const tarball = join(temp, pack.filename)
  project.provide('tarball', tarball)
  project.provide(
    'packed',
    pack.files.map(({ path }: { path: string }) => path),
  )
  project.provide('consumer', installConsumer(join(temp, 'consumer'), tarball))
  return () => rmSync(temp, { recursive: true, force: true })
}

/** Shows what the command printed when it fails. */
function run(command: string, args: string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  })
}
