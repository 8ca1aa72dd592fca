/** Runs in Node, Deno and Bun: `process.mjs task.json outcomes.json`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { filesystemStore } from 'syncline/adapters/filesystem'
import { memoryStore } from 'syncline/adapters/memory'
import { startMocked } from '../suite/mocked.ts'
import type { Outcome } from '../suite/suite.ts'
import { runTask } from './run-task.ts'

const [input = '', output = ''] = process.argv.slice(2)
const task = JSON.parse(await readFile(input, 'utf8'))
const loose: Outcome[] = []
process.on('unhandledRejection', (error) => {
  loose.push({ theme: 'runtime', name: 'no rejection is unhandled', failed: String((error as Error)?.stack ?? error) })
})
const outcomes = await runTask(task, {
  usual: 'files',
  async mock() {
    const { setupServer } = await import('msw/node')
    const server = setupServer(...(await startMocked()).handlers)
    server.listen({ onUnhandledRequest: 'error' })
    return () => server.close()
  },
  stores: {
    memory: (_, ports) => memoryStore({ ...(ports && { ports }) }),
    files: (place, ports) => filesystemStore(join(task.folder, place), { ...(ports && { ports }) }),
  },
})
await writeFile(output, JSON.stringify([...outcomes, ...loose]))
process.exit()
