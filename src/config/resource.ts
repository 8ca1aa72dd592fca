import * as v from 'valibot'
import type { StandardSchema } from '../schema/standard.ts'
import { check, either, list, name, record } from './checks.ts'
import { type ColumnConfig, columnSchema } from './column.ts'
import { type SchemaContractConfig, schemaContractSchema } from './contract.ts'
import { type EndpointConfig, type EndpointDefaults, endpointDefaultsSchema, endpointInputSchema } from './endpoint.ts'
import { optionsSchema } from './options.ts'
import { type ProcessingStepConfig, processingStepSchema } from './processing-step.ts'
import { type WriteDispositionConfig, writeDispositionSchema } from './write-disposition.ts'

/** Options that a resource and `resourceDefaults` share. `null` sets an option back to what it is without defaults. */
export interface ResourceOptions {
  /** The field, or fields, that tell records apart; as the schema puts them out, where there is one. dlt: `primary_key`. */
  primaryKey?: string | readonly string[] | null
  /**
   * What happens to stored rows. dlt: `write_disposition`, always `append`.
   * @default `merge` with a `primaryKey`; else `append` where there is an `incremental`; else `replace`
   */
  writeDisposition?: WriteDispositionConfig | null
  /** What you know about columns. Merged with those of `resourceDefaults` column by column. */
  columns?: Readonly<Record<string, ColumnConfig>> | null
  /** What happens to data that does not fit the schema known so far. dlt: `schema_contract`. @default 'evolve' */
  schemaContract?: SchemaContractConfig | null
  /** False: read when a child needs it, but neither stored nor put out. @default true */
  selected?: boolean | null
  /** Fields of the parent's row that go into each of the child's, as `_parent_field`. dlt: `include_from_parent`. */
  includeFromParent?: readonly string[] | null
  /** Filters and changes the records before anything else looks at them. dlt: `processing_steps`. */
  processingSteps?: readonly ProcessingStepConfig[] | null
}

/** What resources have in common. A resource's own options win key by key. dlt: `resource_defaults`. */
export interface ResourceDefaults extends ResourceOptions {
  /** Only `params` and `json` are merged with the endpoint's own; all else is replaced whole. */
  endpoint?: EndpointDefaults
}

/**
 * One list of records of the API, and the table that it fills.
 *
 * @example
 * { name: 'messages', endpoint: '/v1/transactions/{resources.transactions.id}/messages', primaryKey: 'id' }
 */
export interface ResourceConfig extends ResourceOptions {
  /** The name of the table. Not beginning with `_`. */
  name: string
  /** A path, or more about the request. @default the name as the path */
  endpoint?: string | EndpointConfig
  /** Validates and types the rows: any Standard Schema, such as those of valibot, zod and arktype. Its output must be JSON. */
  schema?: StandardSchema
}

const schemaSchema = check<StandardSchema>(
  'a schema of a library with Standard Schema, such as valibot, zod or arktype',
  (input) => typeof standardOf(input)?.validate === 'function',
)

function standardOf(input: unknown): Partial<StandardSchema['~standard']> | undefined {
  return (input as Partial<StandardSchema> | null | undefined)?.['~standard']
}

const names = list(name)

const entries = {
  primaryKey: v.nullish(either<string | readonly string[]>((input) => (Array.isArray(input) ? names : name))),
  writeDisposition: v.nullish(writeDispositionSchema),
  columns: v.nullish(record(columnSchema)),
  schemaContract: v.nullish(schemaContractSchema),
  selected: v.nullish(v.boolean()),
  includeFromParent: v.nullish(names),
  processingSteps: v.nullish(list(processingStepSchema)),
} as const

export const resourceDefaultsSchema = optionsSchema<ResourceDefaults>()({
  ...entries,
  endpoint: v.optional(endpointDefaultsSchema),
})

const resourceSchema = optionsSchema<ResourceConfig>()({
  ...entries,
  name,
  endpoint: v.optional(endpointInputSchema),
  schema: v.optional(schemaSchema),
})

export const resourceInputSchema = either<string | ResourceConfig>((input) =>
  typeof input === 'string' ? name : resourceSchema,
)
