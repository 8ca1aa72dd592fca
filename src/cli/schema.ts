import { SynclineError } from '../index.ts'
import { describeTable, type TableSchema } from '../schema/describe.ts'
import { toJsonSchema, toTypeScript, toValibot } from '../schema/index.ts'
import type { Dataset } from '../store/dataset.ts'
import type { StoredSchema } from '../sync/unit/unit.ts'
import type { Args } from './args.ts'
import { openCopy } from './copy.ts'
import type { ExitCode, Io } from './io.ts'
import { renderSchema } from './schema-table.ts'
import { printableJson } from './text.ts'

type Tables = Record<string, TableSchema>

/** `syncline schema [table] --from <dir>`, or `syncline schema <dir> [table]`. */
export async function runSchema(args: Args, io: Io): Promise<ExitCode> {
  const { dataset } = await openCopy(args)
  const [wanted] = args.positionals
  let tables: Tables
  try {
    tables = await readTables(dataset)
  } finally {
    await dataset.close()
  }
  await io.out(render(wanted === undefined ? tables : pick(tables, wanted), args))
  return 0
}

async function readTables(dataset: Dataset): Promise<Tables> {
  const tables: [string, TableSchema][] = []
  for await (const entries of dataset.scan('_schema')) {
    for (const { key, value } of entries) {
      const stored = value as unknown as StoredSchema
      tables.push([String(key), describeTable(stored, stored.keys?.fields ?? [])])
    }
  }
  return Object.fromEntries(tables)
}

function pick(tables: Tables, name: string): Tables {
  const schema = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (schema !== undefined) return Object.fromEntries([[name, schema]])
  const hint = `Tables with a schema: ${Object.keys(tables).join(', ') || 'none'}.`
  throw new SynclineError('config_invalid', `There is no table ${JSON.stringify(name)}`, { hint })
}

function render(tables: Tables, { as, json }: Args): string {
  switch (as) {
    case 'typescript':
      return toTypeScript(tables).trimEnd()
    case 'valibot':
      return toValibot(tables).trimEnd()
    case 'json-schema':
      return printableJson(toJsonSchema(tables), 2)
    default:
      return json ? printableJson(tables, 2) : renderSchema(tables)
  }
}
