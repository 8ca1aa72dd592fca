import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { count, plural } from '../../src/cli/text.ts'
import { openDataset } from '../../src/index.ts'
import { crm } from '../crm.ts'
import type { DemoApi } from '../demo-api/demo-api.ts'
import type { LogEntry } from '../demo-api/handlers.ts'
import { compareWithApi } from './compare.ts'
import type { Screen } from './screen.ts'

const LIMIT = 100

/** The command is killed in mid-run, and the API's own log proves where the next run went on. */
export async function killAndGoOn(api: DemoApi, origin: string, dir: string, dataset: string, screen: Screen) {
  const { heading, say, claim } = screen
  const source = crm(origin, 'demo-key')
  const store = filesystemStore(dir)
  await store.drop(dataset)

  heading('Start the command, and kill it in mid-run')
  const first = startSync(origin, dir, dataset)
  await pagesAsked(api, 150, first)
  first.kill('SIGKILL')
  await once(first, 'exit')
  // What the API was asked in the last moment, it still answers to nobody.
  await sleep(100)
  const before = successes(api.log)
  const data = await openDataset(source, store, { dataset })
  const committed = await data.table('transactions').count()
  say(`Killed with SIGKILL after ${plural(before.length, 'page')}.`)
  say(`In the copy: ${count(committed)} of 25,000 rows, which is ${plural(committed / LIMIT, 'page')}.\n`)
  claim('The process was killed, it did not end', first.signalCode === 'SIGKILL')
  claim('Whole pages are in the copy, some but not all', committed > 0 && committed < 25_000 && committed % LIMIT === 0)

  heading('Run the same command again')
  const second = startSync(origin, dir, dataset)
  await once(second, 'exit')
  const after = successes(api.log).slice(before.length)
  say(
    `The first page it asked for has offset ${count(after[0]?.offset ?? 0)}; ${plural(after.length, 'page')} in all.\n`,
  )
  claim('It ended with exit code 0', second.exitCode === 0)
  claim(`It went on at row ${count(committed)}, after the last committed page`, after[0]?.offset === committed)
  const again = after.filter(({ offset }) => offset < committed)
  claim('No committed page was fetched twice', again.length === 0)
  const twice = after.filter(({ offset }) => before.some((entry) => entry.offset === offset)).length
  claim(
    `${plural(twice, 'page')} had been fetched but not committed when it died: fetched again`,
    twice === before.length - committed / LIMIT,
  )
  const { total, different, missing } = await compareWithApi(api, 'transactions', data.table('transactions'))
  claim(`${count(total)} transactions stored, each exactly as the API has it`, different === 0 && missing === 0)
  await data.close()
}

/** `syncline sync playground/crm.config.ts --resource transactions`, in a process of its own. */
function startSync(origin: string, dir: string, dataset: string): ChildProcess {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  const command = [file('../../src/cli/main.ts'), 'sync', file('../crm.config.ts'), '--resource', 'transactions']
  return spawn(process.execPath, [...process.execArgv, ...command, '--to', dir, '--dataset', dataset], {
    env: { ...process.env, DEMO_URL: origin },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function pagesAsked(api: DemoApi, pages: number, child: ChildProcess): Promise<void> {
  while (successes(api.log).length < pages) {
    if (child.exitCode !== null) throw new Error(`The command ended too early, with exit code ${child.exitCode}`)
    await sleep(5)
  }
}

function successes(log: readonly LogEntry[]): LogEntry[] {
  return log.filter(({ status }) => status === 200)
}
