import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import { memoryStore } from '../../../adapters/memory.ts'
import type { EndpointConfig } from '../../../src/config/endpoint.ts'
import {
  checkConnection,
  createClient,
  extract,
  openDataset,
  plan,
  type Source,
  step,
  sync,
} from '../../../src/index.ts'
import type { JsonObject } from '../../../src/json.ts'
import type { Store } from '../../../src/store/index.ts'
import { leaksAmong } from '../../support/canaries.ts'
import { CONFIGURED, EVERYTHING, PERSONAL, SECRETS } from './canaries.ts'
import { sourceOf, type World } from './world.ts'

/** What a run has shown, and the codes of what it failed with. */
export interface Outcome {
  readonly codes: readonly unknown[]
  readonly hits: readonly string[]
}

type Driver = (world: World) => Promise<Outcome>

async function settle(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run()
  } catch (error) {
    return error
  }
}

const codeOf = (result: unknown) => (result as { code?: unknown } | undefined)?.code

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

/** `sync`, then `step`, `plan` and a look at what is stored. */
async function synced({ ports }: World, source: Source, store: Store): Promise<Outcome> {
  const events: unknown[] = []
  const onEvent = (event: unknown) => void events.push(event)
  const failed = await settle(() => sync(source, store, { ports, onEvent }))
  const stepped = await step(source, store, { ports, onEvent, budget: { requests: 40 } })
  const planned = await plan(source, store)
  const data = await openDataset(source, store)
  const schema = await data.schema()
  await data.close()
  const shown = leaksAmong(EVERYTHING, failed, stepped, planned, events, schema)
  return { codes: [codeOf(failed)], hits: [...shown, ...(await storedLeaks(store))] }
}

/** Secrets in anything that is stored; personal data outside of rows; other parts of the config outside of links. */
export async function storedLeaks(store: Store): Promise<string[]> {
  const dataset = await store.open('people')
  const units = await dataset.units()
  const positions = await Promise.all(units.map(async (unit) => (await dataset.position(unit)).value as JsonObject))
  const tables: [string, unknown[]][] = []
  for (const table of await dataset.tables()) {
    const rows: unknown[] = []
    for await (const entries of dataset.scan(table)) rows.push(...entries)
    tables.push([table, rows])
  }
  await dataset.close()
  const rowsOf = (wanted: (name: string) => boolean) => tables.filter(([name]) => wanted(name))
  const schema = rowsOf((name) => name === '_schema')
  const reasons = rowsOf((name) => name === '_quarantine').map(([, rows]) => JSON.stringify(rows, withoutRecord))
  return [
    ...leaksAmong(
      SECRETS,
      positions,
      rowsOf((name) => name !== '_quarantine' && !isRows(name)),
    ),
    ...leaksAmong(CONFIGURED, JSON.stringify(positions, withoutLink), tables),
    ...leaksAmong(PERSONAL, JSON.stringify(positions, withoutLink), schema, reasons),
  ]
}

/** Rows hold what the API sends, be it what it should not. */
const isRows = (table: string) => table === 'people' || table === 'notes' || /^_(?:staged|pending)/.test(table)
const withoutRecord = (key: string, value: unknown) => (key === 'record' ? undefined : value)
const withoutLink = (key: string, value: unknown) => (key === 'url' ? undefined : value)

async function inFiles(world: World): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-leaks-'))
  try {
    const outcome = await synced(world, sourceOf(world), filesystemStore(folder))
    const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    // Rows may repeat what the API said, which knows the key; nothing else in the bytes may.
    const quoted = bytes.join('\n')
    return { ...outcome, hits: [...outcome.hits, ...leaksAmong(OF_TOKENS, quoted)] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const { clientSecret, refreshToken, rotatedToken, privateKey } = SECRETS
/** Never sent to the API, so that no row can repeat them. */
const OF_TOKENS = { clientSecret, refreshToken, rotatedToken, privateKey }

/** Every way to read. `stored`: those that store what they read. */
export const DRIVERS: Readonly<Record<string, { readonly stored: boolean; readonly run: Driver }>> = {
  sync: { stored: true, run: (world) => synced(world, sourceOf(world), memoryStore()) },
  'sync to files': { stored: true, run: inFiles },
  extract: {
    stored: false,
    async run(world) {
      const events: unknown[] = []
      const options = { ports: world.ports, onEvent: (event: unknown) => void events.push(event) }
      const failed = await settle(() => readAll(extract(sourceOf(world), options)))
      return { codes: [codeOf(failed)], hits: leaksAmong(EVERYTHING, failed, events) }
    },
  },
  checkConnection: {
    stored: false,
    async run(world) {
      const events: unknown[] = []
      const options = { ports: world.ports, onEvent: (event: unknown) => void events.push(event) }
      const report = await settle(() => checkConnection(sourceOf(world), options))
      return { codes: [], hits: leaksAmong(EVERYTHING, report, events) }
    },
  },
  client: {
    stored: false,
    async run({ config, ports }) {
      const client = createClient(config.client, { ports })
      const { endpoint } = config.resources[0] as { endpoint: EndpointConfig }
      const failures = [
        await settle(() => readAll(client.paginate(endpoint))),
        await settle(async () => {
          await client.request(endpoint)
        }),
      ]
      return { codes: [], hits: leaksAmong(EVERYTHING, failures, client) }
    },
  },
}
