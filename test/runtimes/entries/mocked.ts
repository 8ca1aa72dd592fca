/** On the host of workerd, which answers what a worker fetches. */
import { getResponse } from 'msw'
import { startMocked } from '../suite/mocked.ts'

export async function startAnswering(): Promise<(request: Request) => Promise<Response | undefined>> {
  const { handlers } = await startMocked()
  return (request) => getResponse(handlers, request)
}
