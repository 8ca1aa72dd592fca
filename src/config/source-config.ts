import * as v from 'valibot'
import { list, name } from './checks.ts'
import { type ClientConfig, clientSchema } from './client.ts'
import { optionsSchema } from './options.ts'
import { type ResourceConfig, type ResourceDefaults, resourceDefaultsSchema, resourceInputSchema } from './resource.ts'

/** A whole source: one API and what to read from it. Plain data, except where only code can say it. */
export interface SourceConfig {
  /** Names the source; the name of the dataset, unless the caller of `sync` gives another. */
  name: string
  client: ClientConfig
  /** What the resources have in common. dlt: `resource_defaults`. */
  resourceDefaults?: ResourceDefaults
  /** At least one. A string is both name and path. */
  resources: readonly (string | ResourceConfig)[]
}

export const sourceSchema = optionsSchema<SourceConfig>()({
  name,
  client: clientSchema,
  resourceDefaults: v.optional(resourceDefaultsSchema),
  resources: list(resourceInputSchema),
})
