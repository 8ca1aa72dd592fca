import * as v from 'valibot'
import { SynclineError } from '../errors.ts'
import { either } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { ContractMode, Resource, SchemaContract } from './resolved.ts'

/**
 * What happens to data that does not fit the schema known so far, by what is new: tables, columns, or types of columns.
 * The first load of a table is free.
 */
export interface ContractConfig {
  /** dlt's word. No mode refuses anything: a table is only new when you add its resource. @default 'evolve' */
  tables?: ContractMode
  /** For a column that is new. @default 'evolve' */
  columns?: ContractMode
  /** For a value that does not fit the type of its column. dlt: `data_type`. @default 'evolve' */
  dataType?: ContractMode
}

/** One mode for all, or one for each kind. `freeze` fails, `discard_row` and `discard_value` put aside and go on. */
export type SchemaContractConfig = ContractMode | ContractConfig

const mode = v.picklist(['evolve', 'freeze', 'discard_row', 'discard_value'])

const contractSchema = optionsSchema<ContractConfig>()({
  tables: v.optional(mode),
  columns: v.optional(mode),
  dataType: v.optional(mode),
})

export const schemaContractSchema = either<SchemaContractConfig>((input) =>
  typeof input === 'string' ? mode : contractSchema,
)

export function resolveContract(config: SchemaContractConfig = {}): SchemaContract {
  if (typeof config === 'string') return { tables: config, columns: config, dataType: config }
  return {
    tables: config.tables ?? 'evolve',
    columns: config.columns ?? 'evolve',
    dataType: config.dataType ?? 'evolve',
  }
}

/** A resource's own, or what a run says in its place. */
export function contractFor({ schemaContract }: Resource, override: SchemaContractConfig | undefined): SchemaContract {
  if (override === undefined) return schemaContract
  if (v.is(schemaContractSchema, override)) return resolveContract(override)
  throw new SynclineError('config_invalid', 'this is no schema contract', {
    path: 'options.schemaContract',
    hint: 'Use evolve, freeze, discard_row or discard_value, or an object with one of them for tables, columns, dataType.',
  })
}
