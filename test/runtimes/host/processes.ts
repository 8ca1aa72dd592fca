import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Outcome } from '../suite/suite.ts'
import { NO_BROWSER, NO_INDEXED_DB, NOT_CLOUDFLARE, type Runtime } from './runtime.ts'

const MODULES = resolve('test/runtimes/node_modules')
const LACKS = { ...NO_BROWSER, IndexedDB: NO_INDEXED_DB, Cloudflare: NOT_CLOUDFLARE }

const installed = (path: string) => () => [join(MODULES, path)].find(existsSync)

/** Node, Deno and Bun: one module, which is told what to do and where to write what came of it. */
function processRuntime(
  name: string,
  find: Runtime['find'],
  flags: (folder: string, origins: string[]) => string[] = () => [],
): Runtime {
  return {
    name,
    lacks: LACKS,
    fromNpm: true,
    missing: 'npm has not installed it: is there one for this platform?',
    find,
    async run(program, task, { consumer }) {
      const module = await consumer.bundle('process')
      const folder = realpathSync(consumer.folder)
      const own = join(folder, task.runtime)
      mkdirSync(own)
      const [input, output] = [join(own, 'task.json'), join(own, 'outcomes.json')]
      writeFileSync(input, JSON.stringify({ ...task, folder: own }))
      await execute(program, [...flags(folder, [task.api, task.foreign]), module, input, output], folder)
      return JSON.parse(readFileSync(output, 'utf8')) as Outcome[]
    },
  }
}

/** Only what it needs: the net of this test, and this folder. */
const denoFlags = (folder: string, origins: string[]) => [
  'run',
  '--no-prompt',
  '--no-lock',
  '--node-modules-dir=manual',
  // The suite itself asks where temporary folders are, and msw reads these when it is loaded.
  '--allow-env=TMPDIR,TMP,TEMP,DEBUG,LOG_LEVEL,NODE_ENV',
  `--allow-net=${origins.map((origin) => new URL(origin).host).join()}`,
  `--allow-read=${folder},${tmpdir()}`,
  `--allow-write=${folder},${tmpdir()}`,
]

export const processes: Runtime[] = [
  {
    ...processRuntime('Node 20', () => (process.version.startsWith('v20.') ? process.execPath : undefined)),
    fromNpm: false,
    missing: 'this is another Node',
  },
  ...['22', '24', '26'].map((version) => processRuntime(`Node ${version}`, installed(`node${version}/bin/node`))),
  processRuntime('Deno', installed('.bin/deno'), denoFlags),
  processRuntime('Bun', installed('bun/bin/bun.exe')),
]

function execute(program: string, args: string[], cwd: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${program} ended with ${code}\n${output}`))))
  })
}
