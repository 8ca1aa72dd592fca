import type { JsonObject } from '../json.ts'
import { describeTable, type TableSchema } from '../schema/describe.ts'
import type { StoredSchema } from '../sync/unit.ts'
import type { Args } from './args.ts'
import { openCopy } from './copy.ts'
import type { ExitCode, Io } from './io.ts'
import { renderSchema } from './schema-table.ts'
import { printableJson } from './text.ts'

/** `syncline schema --from <dir>` */
export async function runSchema(args: Args, io: Io): Promise<ExitCode> {
  const { dataset } = await openCopy(args)
  const tables: Record<string, TableSchema> = {}
  try {
    for await (const entries of dataset.scan('_schema')) {
      for (const { key, value } of entries) {
        const stored = value as JsonObject as unknown as StoredSchema
        tables[String(key)] = describeTable(stored, stored.keys?.fields ?? [])
      }
    }
  } finally {
    await dataset.close()
  }
  await io.out(args.json ? printableJson(tables, 2) : renderSchema(tables))
  return 0
}
