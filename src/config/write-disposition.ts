import * as v from 'valibot'
import { check, either } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { WriteDisposition } from './resolved.ts'

/** How rows are merged, and what a full refresh may remove. */
export interface MergeConfig {
  disposition: 'merge'
  /** `upsert` replaces the stored row with the same key whole; `insert-only` leaves it as it is. @default 'upsert' */
  strategy?: 'upsert' | 'insert-only'
  /**
   * A full refresh that would remove a greater share of the table asks first (`needs_confirmation`). From 0, which
   * always asks, to 1, which never does. Small tables are no exception: one of one row is more than half. @default 0.5
   */
  maxDeleteRatio?: number
  /**
   * A full refresh removes only rows that were missing in the last complete one too. Holds for the children of these
   * rows as well. @default false
   */
  twoStrike?: boolean
}

/**
 * What happens to the rows that are stored already: `merge` by primary key, `append` to them, `replace` them at the end
 * of the pass, or `skip` the resource.
 */
export type WriteDispositionConfig = 'append' | 'merge' | 'replace' | 'skip' | MergeConfig

const mergeSchema = optionsSchema<MergeConfig>()({
  disposition: v.literal('merge'),
  strategy: v.optional(v.picklist(['upsert', 'insert-only'])),
  maxDeleteRatio: v.optional(
    check<number>('a number from 0 to 1', (input) => typeof input === 'number' && input >= 0 && input <= 1),
  ),
  twoStrike: v.optional(v.boolean()),
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
  const options: Partial<MergeConfig> = typeof config === 'object' ? config : {}
  const { strategy = 'upsert', maxDeleteRatio = 0.5, twoStrike = false } = options
  const disposition =
    typeof config === 'object' ? 'merge' : (config ?? (keyed ? 'merge' : cursor ? 'append' : 'replace'))
  return { disposition, strategy, maxDeleteRatio, twoStrike }
}
