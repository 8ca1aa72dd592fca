import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const loader = new URL('../../tools/ts.mjs', import.meta.url).href
const demo = fileURLToPath(new URL('../../playground/demo.ts', import.meta.url))

/** As `npm run demo` does, in a folder of its own. Rejects unless the exit code is 0. */
async function runDemo(...args: string[]): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'syncline-demo-'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, demo, ...args], { cwd })
    return stdout
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

test('the demo ends by itself, and all that it claims is so', { timeout: 120_000 }, async () => {
  const stdout = await runDemo()
  expect(stdout).not.toContain('NOT SO')
  expect(stdout.match(/^✔ /gm)?.length).toBeGreaterThanOrEqual(20)
  expect(stdout).toContain('25,000 transactions stored, each exactly as the API has it')
  expect(stdout).toContain('✔ 3 records are in quarantine, and the reason says why')
  expect(stdout).toContain('✔ 3 of 3 records came back, as 3 updated rows')
})

test('the demo that is killed in mid-run goes on at its page', { timeout: 120_000 }, async () => {
  const stdout = await runDemo('--kill')
  expect(stdout).toContain('✔ No committed page was fetched twice')
  expect(stdout).not.toContain('NOT SO')
})
