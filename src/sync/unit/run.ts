import type { Resource } from '../../config/resolved.ts'
import { isJsonObject, type JsonValue } from '../../json.ts'
import type { Ports } from '../../ports.ts'
import type { Dataset } from '../../store/dataset.ts'
import type { StepOptions } from '../run/options.ts'
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

/** The run that a call goes on with, or the next one. */
export type OpenedRun = Pick<RunPosition, 'id' | 'startedAt'> & { resumed: boolean }

/** What finds the run of a call. `anew`: one that is open cannot go on. */
export type FindRun = (
  dataset: Dataset,
  roots: readonly Resource[],
  options: StepOptions,
  ports: Ports,
  anew: boolean,
) => Promise<OpenedRun>

/** As `nextRun`; a run that begins is noted. */
export const openRun: FindRun = async (...args) => {
  const { version, position, resumed } = await find(...args)
  const [dataset] = args
  if (!resumed) await dataset.commit({ unit: RUN, expect: version, position: position as unknown as JsonValue })
  return { ...position, resumed }
}

/**
 * The run that is open, or the next one, without changing anything. A run is open until each of its resources is settled;
 * one that was asked for something else is left as it is: what it had read is gone on with all the same.
 */
export const nextRun: FindRun = async (...args) => {
  const { position, resumed } = await find(...args)
  return { ...position, resumed }
}

async function find(...[dataset, roots, options, ports, anew]: Parameters<FindRun>) {
  const { value, version } = await dataset.position(RUN)
  const known = isJsonObject(value) ? (value as unknown as RunPosition) : undefined
  const { full = false, writeDisposition = null, resources } = options
  const asked = { full, writeDisposition, resources: resources === undefined ? null : [...resources].sort() }
  if (!anew && known !== undefined && JSON.stringify(known.asked) === JSON.stringify(asked)) {
    const positions = await Promise.all(roots.map(({ name }) => dataset.position(name)))
    const open = positions.some((position) => readPosition(position.value)?.settled !== known.id)
    if (open) return { position: known, version, resumed: true }
  }
  const position: RunPosition = { v: 1, id: (known?.id ?? 0) + 1, startedAt: ports.now(), asked }
  return { position, version, resumed: false }
}
