import { callUser } from '../call-user.ts'
import { isCustom, type Mechanism, mechanisms, type PaginatorConfig } from './index.ts'
import type { Paginator } from './paginator.ts'
import * as parts from './parts.ts'

/** Makes the paginator of a valid config. */
export async function createPaginator(config: PaginatorConfig): Promise<Paginator> {
  if (isCustom(config)) return guarded(config)
  const given = typeof config === 'string' ? { type: config } : config
  const { create } = mechanisms[given.type] as Mechanism<typeof given>
  return create(given, parts)
}

function guarded(paginator: Paginator): Paginator {
  return new Proxy(paginator, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      if (typeof part !== 'function') return part
      return (...args: unknown[]) => callUser('endpoint.paginator', () => part.apply(target, args))
    },
  })
}
