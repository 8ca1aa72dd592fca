import { afterAll, expect, test } from 'vitest'
import { cloudflareKvStore } from '../../adapters/cloudflare-kv.ts'
import { changed, commit, load } from '../bench/records.ts'
import { fakePorts, seededRandom } from '../support/ports.ts'
import { kvDouble } from './support/kv-double.ts'

// What KV bills: writes, deletes and lists at $5 a million, reads at $0.50.

const figures: string[] = []
afterAll(() => {
  process.stdout.write(`KV figures:\n${figures.map((each) => `  ${each}\n`).join('')}`)
})

test('100,000 rows, merges, small commits, leases and a scan: what each costs in KV', async () => {
  const ports = fakePorts()
  const kv = kvDouble({ now: ports.now, random: seededRandom(7) })
  const dataset = await cloudflareKvStore(kv.at('here'), { singleWriter: true, ports }).open('d')
  const cost = async (run: () => Promise<unknown>) => {
    kv.take()
    await run()
    return kv.take()
  }

  const loaded = await cost(() => load(dataset, 100_000))
  figures.push(`100,000 rows: ${loaded.puts} writes`)
  expect(loaded.puts).toBeLessThanOrEqual(300)

  const MERGES = 60
  const merged = await cost(async () => {
    for (let version = 1; version <= MERGES; version++) await commit(dataset, changed(1000, 100_000, version))
  })
  figures.push(
    `merge of 1,000: ${(merged.puts / MERGES).toFixed(1)} writes, ${(merged.keysRead / MERGES).toFixed(1)} reads`,
  )
  expect(merged.puts / MERGES).toBeLessThanOrEqual(5)

  await commit(dataset, changed(1, 100_000, 100)) // the tail begins
  const small = await cost(() => commit(dataset, changed(2, 100_000, 101)))
  figures.push(`small commit: ${small.puts} write, ${small.keysRead} reads`)
  expect(small).toMatchObject({ puts: 1, deletes: 0, lists: 0 })

  const leases = await cost(async () => {
    for (let i = 0; i < 100; i++) {
      await dataset.lease(() => commit(dataset, changed(1, 100_000, 200 + i)))
      await ports.sleep(30 * 60_000)
    }
  })
  figures.push(
    `100 leases of a small commit in 50 hours: ${leases.lists} lists, ${leases.puts} writes, ${leases.deletes} deletes`,
  )
  expect(leases.lists).toBeLessThan(12)

  let rows = 0
  const scanned = await cost(async () => {
    for await (const batch of dataset.scan('rows')) rows += batch.length
  })
  expect(rows).toBe(100_000)
  figures.push(`scan of 100,000: ${scanned.keysRead} keys in ${scanned.gets} calls`)
  expect(scanned.gets).toBeLessThan(scanned.keysRead / 2.5)
})
