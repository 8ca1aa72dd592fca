import type { CursorValue } from '../config/resolved.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import { openWindow, type Window } from './incremental.ts'
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
  /** Rows stored now. */
  stored: number
}

/** What `sync` with the same options would do. Sends no request and changes nothing. Parents come first. */
export async function plan<S extends Source>(
  source: S,
  store: Store,
  options: SyncOptions<ResourceNames<S>> = {},
): Promise<PlannedResource[]> {
  const resolved = resolve(source)
  const { active } = scopeOf(resolved, options)
  const dataset = await store.open(options.dataset ?? resolved.name)
  try {
    const planned: PlannedResource[] = []
    for (const resource of resolved.resources.filter(({ name }) => active.has(name))) {
      const { name, parent, endpoint, fingerprint } = resource
      const position = readPosition((await dataset.position(name)).value)
      const mode = modeOf(resource, options)
      const going = position?.config === fingerprint && position.pass?.mode === mode ? position.pass : undefined
      const goesOn = going !== undefined && (going.full === true || !options.full) ? going : undefined
      const anew = options.full || mode === 'replace'
      const { incremental } = endpoint
      const fresh: Window = incremental ? openWindow(incremental, anew ? undefined : position?.cursor) : {}
      const { start, end } = goesOn?.window ?? fresh
      planned.push({
        name,
        ...(parent !== undefined && { parent }),
        mode,
        fromPage: goesOn?.pages ?? 0,
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
        stored: await dataset.count(name),
      })
    }
    return planned.sort((a, b) => depth(planned, a) - depth(planned, b))
  } finally {
    await dataset.close()
  }
}

function depth(all: readonly PlannedResource[], { parent }: PlannedResource): number {
  const above = all.find(({ name }) => name === parent)
  return above === undefined ? 0 : 1 + depth(all, above)
}
