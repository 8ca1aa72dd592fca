import * as v from 'valibot'
import { either } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { ContractMode, SchemaContract } from './resolved.ts'

/**
 * What happens to data that does not fit the schema known so far, by what is new: tables, columns, or types of columns.
 * The first load of a table is free.
 */
export interface ContractConfig {
  /** Default: `evolve`. */
  tables?: ContractMode
  /** Default: `evolve`. */
  columns?: ContractMode
  /** Default: `evolve`. dlt: `data_type`. */
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
