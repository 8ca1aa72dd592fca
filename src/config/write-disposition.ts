import * as v from 'valibot'
import { either } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { WriteDisposition } from './resolved.ts'

/** `upsert` replaces the stored row with the same key whole; `insert-only` leaves it as it is. */
export interface MergeConfig {
  disposition: 'merge'
  /** Default: `upsert`. */
  strategy?: 'upsert' | 'insert-only'
}

/**
 * What happens to the rows that are stored already: `merge` by primary key, `append` to them, `replace` them at the end
 * of the pass, or `skip` the resource.
 */
export type WriteDispositionConfig = 'append' | 'merge' | 'replace' | 'skip' | MergeConfig

const mergeSchema = optionsSchema<MergeConfig>()({
  disposition: v.literal('merge'),
  strategy: v.optional(v.picklist(['upsert', 'insert-only'])),
})

const nameSchema = v.picklist(['append', 'merge', 'replace', 'skip'])

export const writeDispositionSchema = either<WriteDispositionConfig>((input) =>
  typeof input === 'string' ? nameSchema : mergeSchema,
)

/** The default keeps a copy from growing by itself: merge by key; without one append where a cursor says what is new. */
export function resolveWrite(
  config: WriteDispositionConfig | undefined,
  { keyed, cursor }: { keyed: boolean; cursor: boolean },
): WriteDisposition {
  const disposition = config ?? (keyed ? 'merge' : cursor ? 'append' : 'replace')
  if (typeof disposition === 'object') return { disposition: 'merge', strategy: disposition.strategy ?? 'upsert' }
  return disposition === 'merge' ? { disposition, strategy: 'upsert' } : { disposition }
}
