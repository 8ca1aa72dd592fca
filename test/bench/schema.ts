import { memoryStore } from '../../adapters/memory.ts'
import { sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { Inference } from '../../src/schema/infer.ts'
import { itemsSource } from '../support/items.ts'
import { atMost, type Figure } from './measure.ts'
import { record } from './records.ts'

/** `npm run bench -- schema`: the share that inference has of a first sync into memory, without a network. */
const RECORDS = 100_000
const PAGE = 1000
const ROUNDS = 7
const MOST = 0.15

const texts = Array.from({ length: RECORDS / PAGE }, (_, page) =>
  JSON.stringify({ data: Array.from({ length: PAGE }, (_, i) => record(page * PAGE + i)), total: RECORDS }),
)
const source = itemsSource({}, { incremental: undefined, paginator: { type: 'offset', limit: PAGE } })

async function syncAll(): Promise<void> {
  const fetch = async (url: string) =>
    new Response(texts[Number(new URL(url).searchParams.get('offset')) / PAGE], {
      headers: { 'content-type': 'application/json' },
    })
  const report = await sync(source, memoryStore(), { ports: { fetch } })
  if (report.resources.items?.added !== RECORDS) throw new Error('the bench lost records')
}

async function inferAll(): Promise<void> {
  const inference = new Inference(undefined)
  for (const rows of pages) inference.add(rows)
}

const pages = texts.map((text) => (JSON.parse(text) as { data: JsonObject[] }).data)

/** Processor time: other work on the machine changes it less than wall time. */
async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) times.push((user + system) / 1000)
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
}

export async function runSchema(): Promise<Figure[]> {
  const share = (await median(inferAll)) / (await median(syncAll))
  return [atMost('inference, share of a first sync into memory', share, MOST, `${(share * 100).toFixed(1)} %`)]
}
