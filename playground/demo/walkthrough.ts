import { filesystemStore } from '../../adapters/filesystem.ts'
import { renderReport } from '../../src/cli/report-table.ts'
import { renderSchema } from '../../src/cli/schema-table.ts'
import { count, plural } from '../../src/cli/text.ts'
import { type OpenDataset, openDataset, replayQuarantine } from '../../src/index.ts'
import type { Store } from '../../src/store/index.ts'
import { crm } from '../crm.ts'
import type { DemoApi } from '../demo-api/demo-api.ts'
import { TABLES, type TableName } from '../demo-api/tables.ts'
import { compareWithApi } from './compare.ts'
import { createRunner, type Run } from './runner.ts'
import type { Screen } from './screen.ts'

interface Stage {
  api: DemoApi
  screen: Screen
  run: ReturnType<typeof createRunner>
  source: ReturnType<typeof crm>
  store: Store
  data: OpenDataset<ReturnType<typeof crm>>
}

/** The resources that have a cursor. */
const INCREMENTAL = ['transactions', 'calls'] as const

/** The whole story: a first sync, nothing changed, some rows changed, one row gone, a drifted page put aside. */
export async function walkThrough(api: DemoApi, origin: string, dir: string, screen: Screen): Promise<void> {
  const source = crm(origin, 'demo-key')
  const store = filesystemStore(dir)
  await store.drop('crm')
  const data = await openDataset(source, store)
  const stage: Stage = { api, screen, run: createRunner(source, store, api), source, store, data }

  screen.heading('First sync: page through everything')
  screen.say(`${origin} has four resources. They are read 100 records at a time, and merged by id into ${dir}/.`)
  screen.say('The API is made to fail now and then: look at the retries.\n')
  const first = await firstSync(stage)
  await whatItLearned(stage)
  await nothingChanged(stage, first)
  await someChanged(stage, first)
  await oneDeleted(stage)
  await typesDrift(stage)
  await data.close()
}

async function firstSync(stage: Stage): Promise<Run> {
  const { screen, run } = stage
  const first = await run()
  screen.say(`${renderReport(first.report)}\n`)
  await claimSameAsApi(stage, TABLES)
  const failed = first.requests.filter(({ status }) => status !== 200).length
  screen.claim(`${plural(failed, 'request')} failed with 429 or 503, and came through when tried again`, failed > 0)
  const counted = Object.values(first.report.resources).reduce((sum, { requests }) => sum + requests, 0)
  screen.claim(`Syncline counts the same ${plural(counted, 'request')} as the API`, counted === first.requests.length)
  return first
}

async function whatItLearned({ screen, data }: Stage): Promise<void> {
  screen.heading('What it learned about the records')
  const schema = await data.schema()
  screen.say(`${renderSchema(schema)}\n`)
  const columns = schema.transactions?.columns
  for (const [name, type, nullable] of [
    ['customer_id', 'string', false],
    ['transaction_date', 'timestamp', false],
    ['amount', 'number', true],
  ] as const) {
    const column = columns?.[name]
    const claim = `${name} is a ${type} and ${nullable ? 'may be' : 'is never'} null, as in the responses`
    screen.claim(claim, column?.type === type && column.nullable === nullable)
  }
  const { method, last4 } = columns?.payment?.fields ?? {}
  const within = method?.type === 'string' && !method.nullable && last4?.type === 'string' && last4.nullable
  screen.claim('Within payment, method is a string, and last4 one or null', within)
}

async function nothingChanged({ screen, run }: Stage, first: Run): Promise<void> {
  screen.heading('Sync again: nothing changed')
  screen.say('transactions and calls have a cursor, updated_at: they ask for what was updated since the newest record')
  screen.say('they know. That one comes again, since others may have the same time, and is found to be the same.\n')
  const second = await run({ resources: INCREMENTAL })
  screen.say(`${renderReport(second.report)}\n`)
  const sent = sentRows(second, 'transactions')
  screen.claim(`${plural(sent, 'transaction')} fetched instead of 25,000`, sent < 10)
  screen.claim('No row was written', changedRows(second) === 0)
  claimBytes(screen, second, first, 50)
}

async function someChanged(stage: Stage, first: Run): Promise<void> {
  const { api, screen, run, data } = stage
  screen.heading('Three transactions change, and one is new')
  const before = await data.table('transactions').get('t_000042')
  for (const id of ['t_000042', 't_012345', 't_024999']) {
    api.database.update('transactions', id, { amount: 99.5, note: 'changed 🦆' })
  }
  api.database.insert('transactions', { ...api.database.find('transactions', 't_000001'), id: 't_900001' })
  const third = await run({ resources: INCREMENTAL })
  const after = await data.table('transactions').get('t_000042')
  screen.say(`${renderReport(third.report)}\n`)
  screen.say(`The amount of t_000042 was ${before?.amount} and is ${after?.amount} now.\n`)
  const sent = sentRows(third, 'transactions')
  const { added, updated } = third.of('transactions')
  screen.claim(`${plural(sent, 'transaction')} fetched instead of ${count(25_001)}`, sent < 10)
  screen.claim(`${updated} updated, ${added} added, and nothing else was written`, changedRows(third) === 4)
  screen.claim('The three and the one, to be exact', updated === 3 && added === 1)
  claimBytes(screen, third, first, 20)
  await claimSameAsApi(stage, ['transactions'])
}

async function oneDeleted(stage: Stage): Promise<void> {
  const { api, screen, run, data } = stage
  screen.heading('One transaction is deleted')
  screen.say(
    'An API does not tell what it has deleted. A full refresh reads everything, and removes what was not there,',
  )
  screen.say('but only when every page has been read to a proved end.\n')
  const transactions = data.table('transactions')
  api.database.remove('transactions', 't_000007')
  const incremental = await run({ resources: INCREMENTAL })
  const stays = changedRows(incremental) === 0 && (await transactions.get('t_000007')) !== undefined
  screen.claim('An incremental sync cannot know: t_000007 is still in the copy', stays)
  const full = await run({ full: true })
  screen.say(`\n${renderReport(full.report)}\n`)
  const { swept, unchanged } = full.of('transactions')
  screen.claim(`The full refresh removed ${plural(swept, 'row')}: t_000007`, swept === 1)
  screen.claim('It is gone', (await transactions.get('t_000007')) === undefined)
  screen.claim(`${count(unchanged)} transactions are the same, and were not written`, changedRows(full) === 0)
  await claimSameAsApi(stage, TABLES)
}

async function typesDrift(stage: Stage): Promise<void> {
  const { api, screen, run, source, store, data } = stage
  screen.heading('The API changes a type')
  screen.say('From now on it sends amounts as text. The contract of transactions puts such records aside, whole:')
  screen.say("schemaContract: { dataType: 'discard_row' }.\n")
  const ids = ['t_000100', 't_000200', 't_000300']
  for (const id of ids) api.database.update('transactions', id, { amount: '12.50' })
  const { quarantined, updated } = (await run({ resources: INCREMENTAL })).of('transactions')
  const aside = []
  for await (const record of data.quarantine()) aside.push(record)
  for (const { resource, code, reason } of aside.slice(0, 1)) screen.say(`${resource}: ${code}, ${reason}\n`)
  const readable = aside.every(({ reason }) => reason.includes('`amount` is string, and was number'))
  screen.claim(`${quarantined} records are in quarantine, and the reason says why`, aside.length === 3 && readable)
  const before = await data.table('transactions').getMany(ids)
  const untouched = updated === 0 && before.every((row) => typeof row?.amount !== 'string')
  screen.claim('The rows of the copy are as they were', untouched)

  screen.say('\nTheir program can take both now, so the records are run again with a contract that evolves.\n')
  const report = await replayQuarantine(source, store, { schemaContract: 'evolve' })
  const { replayed, updated: mended, kept } = report.resources.transactions
  screen.claim(
    `${replayed} of ${aside.length} records came back, as ${plural(mended, 'updated row')}`,
    mended === 3 && kept === 0,
  )
  let left = 0
  for await (const _ of data.quarantine()) left++
  screen.claim('Quarantine is empty', left === 0)
  await claimSameAsApi(stage, ['transactions'])
}

async function claimSameAsApi({ api, screen, data }: Stage, names: readonly TableName[]): Promise<void> {
  for (const name of names) {
    const { total, different, missing } = await compareWithApi(api, name, data.table(name))
    screen.claim(`${count(total)} ${name} stored, each exactly as the API has it`, different === 0 && missing === 0)
  }
}

/** At most one of so many bytes of the first sync. */
function claimBytes(screen: Screen, run: Run, first: Run, oneOf: number): void {
  const claim = `${count(run.bytesWritten)} bytes written (the first sync wrote ${count(first.bytesWritten)})`
  screen.claim(claim, run.bytesWritten < first.bytesWritten / oneOf)
}

/** Rows of a table that the API sent. */
function sentRows(run: Run, table: TableName): number {
  return run.requests.filter(({ path }) => path === `/v1/${table}`).reduce((sum, { rows }) => sum + rows, 0)
}

/** Rows that were written, of all resources. */
function changedRows(run: Run): number {
  return Object.values(run.report.resources).reduce((sum, { added, updated }) => sum + added + updated, 0)
}
