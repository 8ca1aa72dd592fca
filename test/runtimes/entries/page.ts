/** Runs in a page of a browser: asks its own server what to do, and posts what came of it. */
import { setupWorker } from 'msw/browser'
import { indexedDbStore } from 'syncline/adapters/indexeddb'
import { memoryStore } from 'syncline/adapters/memory'
import { startMocked } from '../suite/mocked.ts'
import type { Outcome } from '../suite/suite.ts'
import { runTask } from './run-task.ts'

const loose: Outcome[] = []
addEventListener('unhandledrejection', ({ reason }) => {
  loose.push({ theme: 'runtime', name: 'no rejection is unhandled', failed: String(reason?.stack ?? reason) })
})

async function run(): Promise<void> {
  const task = await (await fetch(`${location.pathname}/task`)).json()
  const outcomes = await runTask(task, {
    usual: 'IndexedDB',
    async mock() {
      const worker = setupWorker(...(await startMocked()).handlers)
      await worker.start({ quiet: true, onUnhandledRequest: 'error' })
      return () => worker.stop()
    },
    stores: {
      memory: (_, ports) => memoryStore({ ...(ports && { ports }) }),
      IndexedDB: (name, ports) => indexedDbStore({ name, ...(ports && { ports }) }),
    },
  }).catch((error): Outcome[] => [{ theme: 'runtime', name: 'it runs', failed: String(error?.stack ?? error) }])
  await fetch(`/posted/${task.runtime}`, { method: 'POST', body: JSON.stringify([...outcomes, ...loose]) })
}

void run()
