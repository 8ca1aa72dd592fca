import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a user of every entry installs beside the package. */
const PEERS = ['msw', 'json-p3', '@types/node']

/**
 * Installs the tarball and the packages that it declares, as npm would, but from this repository's `node_modules`: no
 * registry is asked, and what is not declared is not there.
 */
export function installConsumer(folder: string, tarball: string, peers: readonly string[] = PEERS): string {
  const target = join(folder, 'node_modules', 'syncline')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
  // Deno finds only what is declared.
  const dependencies = Object.fromEntries(['syncline', ...dependenciesOf(target), ...peers].map((name) => [name, '*']))
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const copied = new Set<string>()
  const copy = (name: string) => {
    const from = join('node_modules', name)
    // Optional ones, or nested in the folder of who needs them.
    if (copied.has(name) || !existsSync(from)) return
    copied.add(name)
    cpSync(from, join(folder, 'node_modules', name), { recursive: true })
    dependenciesOf(from).forEach(copy)
  }
  for (const name of [...dependenciesOf(target), ...peers]) copy(name)
  return folder
}

function dependenciesOf(folder: string): string[] {
  return Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies ?? {})
}
