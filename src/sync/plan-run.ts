import type { CursorValue, ResolvedSource } from '../config/resolved.ts'
import type { Dataset } from '../store/dataset.ts'
import { cursorFor, openWindow, type Window } from './incremental.ts'
import type { SyncOptions } from './options.ts'
import { modeOf } from './pass.ts'
import { readPosition } from './position.ts'
import { scopeOf } from './scope.ts'

/** What a run would do with one resource. */
export interface PlannedResource {
  name: string
  /** Read once per row of this resource. */
  parent?: string
  /** `read`: for the sake of its children only. */
  mode: 'append' | 'merge' | 'replace' | 'read'
  /** The first page that would be requested, from 0; more than 0 when an interrupted pass goes on. */
  fromPage: number
  /** Where the incremental cursor would start and end. */
  start?: CursorValue
  end?: CursorValue
  /** It would ask for the changes since the stored sync token. */
  delta?: true
  /** Rows stored now. */
  stored: number
}

/** What a run over this dataset would do, parents first. */
export async function planRun(
  source: ResolvedSource,
  dataset: Dataset,
  options: SyncOptions,
): Promise<PlannedResource[]> {
  const { active } = scopeOf(source, options)
  const planned: PlannedResource[] = []
  for (const resource of source.resources.filter(({ name }) => active.has(name))) {
    const { name, parent, endpoint, fingerprint } = resource
    const position = readPosition((await dataset.position(name)).value)
    const mode = modeOf(resource, options)
    const going = position?.config === fingerprint && position.pass?.mode === mode ? position.pass : undefined
    const goesOn = going !== undefined && (going.full === true || !options.full) ? going : undefined
    const anew = options.full || mode === 'replace'
    const { incremental } = endpoint
    const fresh: Window = incremental ? openWindow(incremental, anew ? undefined : position?.cursor) : {}
    const { start, end }: Window = endpoint.token ? {} : (goesOn?.reading.window ?? fresh)
    const known = position && cursorFor(resource, position.cursor)
    const delta = parent === undefined && endpoint.token && known && !(goesOn?.full ?? anew) && !goesOn?.fromStart
    planned.push({
      name,
      ...(parent !== undefined && { parent }),
      mode,
      fromPage: goesOn?.pages ?? 0,
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
      ...(delta && { delta: true as const }),
      stored: await dataset.count(name),
    })
  }
  return planned.sort((a, b) => depth(planned, a) - depth(planned, b))
}

function depth(all: readonly PlannedResource[], { parent }: PlannedResource): number {
  const above = all.find(({ name }) => name === parent)
  return above === undefined ? 0 : 1 + depth(all, above)
}
