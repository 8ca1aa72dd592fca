import { execFileSync } from 'node:child_process'

/** What a Node script printed, warnings included; throws with all of it when the script fails. */
export function runNode(cwd: string, ...args: string[]): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`node ${args.join(' ')}\n${stdout}${stderr}`)
  }
}
