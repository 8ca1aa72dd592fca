import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { JsonValue } from '../../src/json.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A folder of its own, the command built into it, and processes that run it there. */
export interface Cli {
  dir: string
  /** Writes a file into the folder. */
  write(name: string, content: JsonValue): string
  run(args: string[], env?: Record<string, string>): Promise<Ended>
  /** Runs until `interrupt` resolves, then sends SIGINT. */
  runUntil(interrupt: () => Promise<unknown>, args: string[], env?: Record<string, string>): Promise<Ended>
  remove(): void
}

export async function buildCli(): Promise<Cli> {
  const dir = mkdtempSync(join(tmpdir(), 'syncline-cli-'))
  const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const outfile = join(dir, 'cli.mjs')
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' })
  const start = (args: string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [outfile, ...args], { cwd: dir, env: { PATH: process.env.PATH, ...env } })
    const ended = new Promise<Ended>((resolve) => {
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text
      })
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    })
    return { child, ended }
  }
  return {
    dir,
    write(name, content) {
      writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
      return name
    },
    run: (args, env) => start(args, env).ended,
    async runUntil(interrupt, args, env) {
      const { child, ended } = start(args, env)
      await Promise.race([interrupt(), ended])
      child.kill('SIGINT')
      return ended
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
