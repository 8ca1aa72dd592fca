/** `counter dir unit commits often|once`: so many commits to a unit of its own, and as many to one that all share. */
import { filesystemStore } from '../../../../adapters/filesystem.ts'
import { isSynclineError } from '../../../../src/errors.ts'

const [dir = '', own = '', commits = '0', leased = ''] = process.argv.slice(2)
const limits = { chunkBytes: 1000, inlineBytes: 1500, dropAfterMs: 20 }
const dataset = await filesystemStore(dir, { durability: 'process', limits }).open('d')
let conflicts = 0
let lost = 0

/** Adds one to the row of a unit, and a row that says that it did. */
async function increment(unit: string, i: number): Promise<void> {
  for (;;) {
    const { value, version } = await dataset.position(unit)
    const n = Number(value ?? 0) + 1
    const text = 'x'.repeat(i % 5 === 0 ? 500 : 20)
    const put = [
      { key: ['sum', unit], value: { n } },
      { key: ['row', unit, own, i], value: { text } },
    ]
    try {
      await dataset.commit({ unit, position: n, expect: version, tables: { t: { put } } })
      return
    } catch (error) {
      if (!isSynclineError(error, 'conflict')) throw error
      conflicts++
    }
  }
}

const total = 2 * Number(commits)
let done = 0

async function run(upTo = total): Promise<void> {
  for (; done < upTo; done++) await increment(done % 2 === 0 ? own : 'shared', done >> 1)
}

/** Who stood still for long loses the lease, and asks for it again. */
async function runLeased(upTo = total): Promise<void> {
  while (done < upTo) {
    try {
      await dataset.lease(() => run(upTo))
    } catch (error) {
      if (!isSynclineError(error, 'lease_lost')) throw error
      lost++
    }
  }
}

if (leased === 'once') await runLeased()
while (done < total) await (leased === 'often' && done % 8 === 0 ? runLeased(done + 2) : run(done + 2))
process.stdout.write(JSON.stringify({ conflicts, lost }))
