import * as v from 'valibot'
import { optionsSchema } from './options.ts'
import type { DataType } from './resolved.ts'

/**
 * What you know about a column better than the data shows.
 *
 * @example
 * columns: { id: { dataType: 'integer', nullable: false }, deleted: { hardDelete: true } }
 */
export interface ColumnConfig {
  /** The type of its values. dlt: `data_type`. @default inferred */
  dataType?: DataType
  /** Whether null, or no value, is allowed. @default inferred; never in a key column */
  nullable?: boolean
  /**
   * Marks rows that the API has deleted: `true`, or any value of another type than boolean. The row with that key is
   * deleted, with its children. Needs a `primaryKey`. One column at most. dlt: `hard_delete`.
   */
  hardDelete?: boolean
  /**
   * Among rows with one key, the stored one included, the one with the highest (`desc`) or lowest (`asc`) value here wins;
   * of equal values the later row. Needs a `primaryKey`. One column at most. dlt: `dedup_sort`, within a load only.
   */
  dedupSort?: 'asc' | 'desc'
}

const DATA_TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'timestamp', 'date', 'object', 'array'] as const

export const columnSchema = optionsSchema<ColumnConfig>()({
  dataType: v.optional(v.picklist(DATA_TYPES)),
  nullable: v.optional(v.boolean()),
  hardDelete: v.optional(v.boolean()),
  dedupSort: v.optional(v.picklist(['asc', 'desc'])),
})
