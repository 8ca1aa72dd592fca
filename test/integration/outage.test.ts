import { afterAll, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { createClient, defineSource, step } from '../../src/index.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json } from '../support/server.ts'

/** What is asked for are lists of one page each, so an API that is up is sent so many requests. */
const NEEDED = 1000
const baseUrl = 'https://api.example.com'

const figures: string[] = []
afterAll(() => {
  process.stdout.write(`outage, requests sent for those that are needed: ${figures.join('; ')}\n`)
})

/** An API that is down for these requests, by their order of arrival. */
function outage(from: number, to: number) {
  const server = fakeServer(() => {
    const at = server.requests.length - 1
    return at >= from && at < to ? json({}, { status: 503 }) : json([{ id: 1 }])
  })
  return { requests: server.requests, ports: fakePorts({ fetch: server.fetch }) }
}

function expectFew(sent: number, needed: number, when: string): void {
  figures.push(`${sent} for ${needed}, ${when}`)
  expect(sent / needed).toBeLessThanOrEqual(1.3)
  expect(sent).toBeGreaterThan(needed) // there were retries at all
}

test.each([
  ['down from the first one on', 0, Number.POSITIVE_INFINITY],
  ['down for 500', 250, 750],
  ['down for 50', 250, 300],
] as const)('a client sends at most 1.3 times the requests: %s', async (when, from, to) => {
  const { requests, ports } = outage(from, to)
  const client = createClient({ baseUrl }, { ports })
  for (let at = 0; at < NEEDED; at++) await client.request(`list-${at}`).catch(() => {})
  expectFew(requests.length, NEEDED, when)
})

test('so does a run of many resources, and each of them is asked for', async () => {
  const resources = Array.from({ length: NEEDED / 2 }, (_, at) => `list-${at}`)
  const { requests, ports } = outage(100, 400)
  const source = defineSource({
    name: 'outage',
    client: { baseUrl },
    resourceDefaults: { primaryKey: 'id', endpoint: { paginator: 'single_page' } },
    resources,
  })
  const { report } = await step(source, memoryStore(), { ports })
  expectFew(requests.length, resources.length, 'down for 300 in a run')
  expect(new Set(requests.map(({ url }) => url)).size).toBe(resources.length)
  expect(Object.values(report.resources).reduce((sum, { requests: sent }) => sum + sent, 0)).toBe(requests.length)
})
