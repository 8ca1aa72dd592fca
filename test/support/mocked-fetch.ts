import { getResponse, type HttpHandler } from 'msw'
import type { Ports } from '../../src/ports.ts'

/** A `fetch` that msw's handlers answer, with no global patched: for ports that have a clock of their own. */
export function mockedFetch(handlers: HttpHandler[]): Ports['fetch'] {
  return async (input, init) => {
    const response = await getResponse(handlers, new Request(input, init))
    if (response === undefined || response.type === 'error') throw new TypeError('fetch failed')
    return response
  }
}
