/**
 * For the setup of documents: answers every request of the examples. What is not a `Response` is sent as JSON.
 *
 * @example
 * <!-- setup
 * import { fakeApi } from './tools/examples/fake-api.ts'
 * fakeApi(({ searchParams }) => ({ data: rows.slice(Number(searchParams.get('offset') ?? 0)), total: rows.length }))
 * -->
 */
export function fakeApi(answer: (url: URL, request: Request) => unknown): void {
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const value = await answer(new URL(request.url), request)
    return value instanceof Response ? value : Response.json(value)
  }
}
