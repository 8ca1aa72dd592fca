import { type MockApi, mockApi } from 'syncline/testing'

/** Nobody is there: only msw answers. */
export const MOCKED = 'https://mocked.example.com'
export const TOKEN = 't0ken-of-the-mocked-api'

/** 25 items behind links in headers. One answer is cut, and the third page is down for two requests. */
export async function startMocked(): Promise<MockApi<'/items'>> {
  const records = Array.from({ length: 25 }, (_, index) => ({ id: index + 1 }))
  const api = await mockApi({
    baseUrl: MOCKED,
    auth: { type: 'bearer', token: TOKEN },
    resources: { '/items': { records, paging: { type: 'header_link', pageSize: 10 } } },
  })
  api.fail({ type: 'truncated', at: 1 })
  api.fail({ type: 'status', status: 503, at: 2, times: 2 })
  return api
}
