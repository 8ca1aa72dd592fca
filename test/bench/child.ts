import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Runs a script of this folder in a process of its own, and parses the last line that it prints. */
export async function runChild<Result>(
  script: string,
  flags: readonly string[] = [],
  node = process.execPath,
): Promise<Result> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const args = [...flags, '--import', './tools/ts.mjs', `test/bench/${script}`]
  const child = spawn(node, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result
}

/** A Node that has `node:sqlite` without a flag: this one, $NODE24, or the one that the tests of runtimes install. */
export function findNode24(): string | undefined {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major >= 24) return process.execPath
  const installed = fileURLToPath(new URL('../runtimes/node_modules/node24/bin/node', import.meta.url))
  return [process.env.NODE24, installed].find((path) => path !== undefined && existsSync(path))
}
