import { fromDlt } from '../../src/config/dlt.ts'
import { isSynclineError, type SynclineError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/json.ts'
import { extract } from '../../src/sync/extract.ts'
import type { ExtractCase } from './cases.ts'
import { checkOutcome } from './compare.ts'
import { createWorld } from './world.ts'

/** Reads every page, without a store. A case without a server says what the config alone does. */
export async function runExtract({ config, runtime, server, expect }: ExtractCase): Promise<void> {
  const world = createWorld(server ?? [])
  const records: Record<string, JsonObject[]> = {}
  const error = await caught(async () => {
    const source = fromDlt(config, { ...(runtime && { runtime }) })
    if (server === undefined) return
    for await (const { resource, rows } of extract(source, { ports: world.ports })) {
      records[resource] = [...(records[resource] ?? []), ...rows]
    }
  })
  checkOutcome(expect, { world, error, records })
}

/** The coded error of some work. Any other error is a bug, and goes on. */
export async function caught(work: () => Promise<void>): Promise<SynclineError | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (isSynclineError(error)) return error
    throw error
  }
}
