import { callUser } from '../call-user.ts'
import { loaded } from '../loaded.ts'
import { makePaginator } from './factories.ts'
import { isCustom, type PaginatorConfig, type PaginatorOptions } from './index.ts'
import type { Paginator } from './paginator.ts'

/** Makes the paginator of a valid config. */
export async function createPaginator(config: PaginatorConfig): Promise<Paginator> {
  if (isCustom(config)) return guarded(config)
  const options = typeof config === 'string' ? ({ type: config } as PaginatorOptions) : config
  if (options.type === 'auto') return (await loaded(import('./auto.ts'))).auto()
  return makePaginator(options)
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
