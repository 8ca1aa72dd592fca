import type { ClientConfig } from '../config/client.ts'
import type { EndpointConfig } from '../config/endpoint.ts'
import { resolveConfig } from '../config/resolve.ts'
import { sharedAuth } from '../config/shared-auth.ts'
import type { JsonValue } from '../json.ts'
import { loaded } from '../loaded.ts'
import { resolvePorts } from '../ports.ts'
import type { EndpointPage, EndpointReader } from './pages/endpoint-pages.ts'
import type { RunOptions } from './run/options.ts'

/** Requests to one API, with its auth, retries, limits and origin rules, and without a store. */
export interface Client {
  /**
   * One request, to the base URL where there is no path; its parsed body, `undefined` for 204. Throws a `SynclineError` for a
   * status of 400 or more.
   */
  request(endpoint: string | EndpointConfig, options?: RunOptions): Promise<JsonValue | undefined>
  /** All pages of one endpoint, as they are read. */
  paginate(endpoint: string | EndpointConfig, options?: RunOptions): AsyncGenerator<EndpointPage>
}

/**
 * A client for one API: what `sync` uses underneath. Its requests share one rate limit and one retry budget.
 *
 * @example
 * const client = createClient({ baseUrl: 'https://api.example.com', auth: { type: 'bearer', token: () => env.TOKEN } })
 * for await (const { records } of client.paginate({ path: '/v1/calls', paginator: { type: 'offset', limit: 100 } })) {
 *   console.log(records.length)
 * }
 */
export function createClient(client: ClientConfig, options: Pick<RunOptions, 'ports'> = {}): Client {
  let reader: EndpointReader | undefined
  const open = async () => {
    const { EndpointReader } = await loaded(import('./engine.ts'))
    reader ??= new EndpointReader(resolvePorts(options.ports))
    return reader
  }
  const authOf = sharedAuth()
  const sourceOf = (endpoint: string | EndpointConfig) => {
    const resource = { name: 'endpoint', endpoint: typeof endpoint === 'string' ? endpoint : { path: '', ...endpoint } }
    return resolveConfig({ name: 'client', client, resources: [resource] }, undefined, authOf)
  }
  return {
    async request(endpoint, options = {}) {
      const source = sourceOf(endpoint)
      return (await open()).request(source, options)
    },
    async *paginate(endpoint, options = {}) {
      const source = sourceOf(endpoint)
      yield* (await open()).pages(source, options)
    },
  }
}
