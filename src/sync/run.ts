import type { Resource } from '../config/resolved.ts'
import { isJsonObject, type JsonValue } from '../json.ts'
import type { Ports } from '../ports.ts'
import type { Dataset } from '../store/dataset.ts'
import type { StepOptions } from './options.ts'
import { readPosition } from './position.ts'

/** The unit under which the run itself has its position. */
const RUN = '_run'

/** What makes two calls the same run. */
interface RunPosition {
  v: 1
  /** Counts up. */
  id: number
  startedAt: number
  asked: { full: boolean; writeDisposition: string | null; resources: string[] | null }
}

/**
 * Goes on with the run that is open, or opens the next one. A run is open until each of its resources is settled; one
 * that was asked for something else is left as it is: what it had read is gone on with all the same.
 */
export async function openRun(
  dataset: Dataset,
  roots: readonly Resource[],
  options: StepOptions,
  ports: Ports,
  anew = false,
): Promise<{ id: number; startedAt: number; resumed: boolean }> {
  const { value, version } = await dataset.position(RUN)
  const known = isJsonObject(value) ? (value as unknown as RunPosition) : undefined
  const { full = false, writeDisposition = null, resources } = options
  const asked = { full, writeDisposition, resources: resources === undefined ? null : [...resources].sort() }
  if (!anew && known !== undefined && JSON.stringify(known.asked) === JSON.stringify(asked)) {
    const positions = await Promise.all(roots.map(({ name }) => dataset.position(name)))
    const open = positions.some((position) => readPosition(position.value)?.settled !== known.id)
    if (open) return { ...known, resumed: true }
  }
  const position: RunPosition = { v: 1, id: (known?.id ?? 0) + 1, startedAt: ports.now(), asked }
  await dataset.commit({ unit: RUN, expect: version, position: position as unknown as JsonValue })
  return { ...position, resumed: false }
}
