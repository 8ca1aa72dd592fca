import * as v from 'valibot'
import { isPlainObject, type JsonObject } from '../json.ts'
import { either, func } from './checks.ts'
import { optionsSchema } from './options.ts'

/** Keeps the rows for which it returns true. */
export interface FilterStep {
  filter: (row: JsonObject) => boolean
}

/** Puts another row in the place of each. */
export interface MapStep {
  map: (row: JsonObject) => JsonObject
}

/** Puts any number of rows in the place of each. dlt: `yield_map`. */
export interface YieldMapStep {
  yieldMap: (row: JsonObject) => Iterable<JsonObject>
}

/**
 * One step of `processingSteps`. Steps run in order on each record as the API sent it, before the incremental filter
 * and before validation.
 */
export type ProcessingStepConfig = FilterStep | MapStep | YieldMapStep

const filterSchema = optionsSchema<FilterStep>()({ filter: func<FilterStep['filter']>() })
const mapSchema = optionsSchema<MapStep>()({ map: func<MapStep['map']>() })
const yieldMapSchema = optionsSchema<YieldMapStep>()({ yieldMap: func<YieldMapStep['yieldMap']>() })
const unknownStep = v.custom<never>(() => false, 'one of { filter }, { map } and { yieldMap }')

export const processingStepSchema = either<ProcessingStepConfig>((input) => {
  if (!isPlainObject(input)) return unknownStep
  if ('filter' in input) return filterSchema
  if ('map' in input) return mapSchema
  return 'yieldMap' in input ? yieldMapSchema : unknownStep
})
