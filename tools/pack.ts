/** The package as npm would publish it, made once for each state of what goes into it. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

export interface Packed {
  readonly tarball: string
  /** The paths of the files in it. */
  readonly files: string[]
}

/** All that the package is made of. */
const INPUTS = [
  'src',
  'adapters',
  'tools/entries.ts',
  'tsup.config.ts',
  'tsconfig.json',
  'tsconfig.node.json',
  'package.json',
  'package-lock.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
]

/** Not to be called by two processes at the same time while there is none: both would write `dist`. */
export function pack(): Packed {
  const folder = resolve('node_modules/.cache/syncline-package', fingerprint())
  const listed = join(folder, 'files.json')
  if (!existsSync(listed)) build(folder)
  const { filename, files } = JSON.parse(readFileSync(listed, 'utf8'))
  return { tarball: join(folder, filename), files }
}

function build(folder: string): void {
  run('npx', ['tsup', '--silent'])
  const fresh = `${folder}-${process.pid}`
  rmSync(resolve(folder, '..'), { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  // Without scripts: `prepack` would build again.
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', fresh]))
  const files = packed.files.map(({ path }: { path: string }) => path)
  writeFileSync(join(fresh, 'files.json'), JSON.stringify({ filename: packed.filename, files }))
  renameSync(fresh, folder)
}

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const path of INPUTS) {
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .sort()
          .map((name) => join(path, name))
      : [path]
    for (const file of files) if (statSync(file).isFile()) hash.update(`${file}\0`).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Shows what the command printed when it fails. */
function run(command: string, args: string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  })
}
