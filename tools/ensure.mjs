// Installs the packages when they are missing or not those of the lock, so that every command works on a fresh clone:
// those of the project, and of the folders that are named.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function packages(lock) {
  return existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')).packages : {}
}

/** The first package that is not there as the lock has it; optional ones may be for another platform. */
function missing(folder) {
  // What npm wrote about the packages that it installed.
  const installed = packages(`${folder}node_modules/.package-lock.json`)
  const wanted = Object.entries(packages(`${folder}package-lock.json`)).filter(([path]) => path !== '')
  return wanted.find(([path, { version, optional }]) => !optional && installed[path]?.version !== version)?.[0]
}

for (const folder of [root, ...process.argv.slice(2).map((name) => `${root}${name}/`)]) {
  const stale = missing(folder)
  if (stale === undefined) continue
  if (lstatSync(`${folder}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(`node_modules is a link, and ${stale} is not in it as the lock has it. Install where it points to.`)
  }
  process.stderr.write(`Installing packages (npm ci in ${folder}) ...\n`)
  // A shell, since npm is a script on Windows. The output is shown only when it says something.
  const { status } = spawnSync('npm ci --no-audit --no-fund --loglevel=warn', {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 1)
}
