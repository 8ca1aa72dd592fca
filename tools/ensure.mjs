// Installs the packages when they are missing or not those of the lock, so that every command works on a fresh clone.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What npm wrote about the packages that it installed. */
const INSTALLED = `${root}node_modules/.package-lock.json`

function packages(lock) {
  return existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')).packages : {}
}

/** The first package that is not there as the lock has it; optional ones may be for another platform. */
function missing() {
  const installed = packages(INSTALLED)
  const wanted = Object.entries(packages(`${root}package-lock.json`)).filter(([path]) => path !== '')
  return wanted.find(([path, { version, optional }]) => !optional && installed[path]?.version !== version)?.[0]
}

const stale = missing()
if (stale !== undefined) {
  if (lstatSync(`${root}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(`node_modules is a link, and ${stale} is not in it as the lock has it. Install where it points to.`)
  }
  process.stderr.write('Installing packages (npm ci) ...\n')
  // A shell, since npm is a script on Windows. The output is shown only when it says something.
  const { status } = spawnSync('npm ci --no-audit --no-fund --loglevel=warn', {
    cwd: root,
    shell: true,
    stdio: ['ignore', 2, 2],
  })
  process.exitCode = status ?? 1
}
