import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

/** A folder of its own for a test, removed when the test is over. */
export async function inFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'syncline-faults-'))
  try {
    await run(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** One of the programs beside this file, as a script that Node runs. */
export async function bundle(name: string, dir: string): Promise<string> {
  const outfile = join(dir, `${name}.mjs`)
  const entryPoints = [new URL(`${name}.ts`, import.meta.url).pathname]
  await build({ entryPoints, bundle: true, platform: 'node', format: 'esm', outfile })
  return outfile
}

/** Starts a command; `done` has what it wrote, and fails when it wrote errors or ended with any but 0 or a SIGKILL. */
export function start(command: string, args: string[], options: SpawnOptions = {}) {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (data) => (output += data))
  child.stderr?.on('data', (data) => (errors += data))
  const done = new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (errors === '' && (code === 0 || signal === 'SIGKILL')) resolve(output)
      else reject(new Error(`exit code ${code}, ${signal}: ${errors}`))
    })
  })
  return { child, done }
}
