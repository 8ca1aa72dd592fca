/** `counter dir unit commits often|once`: so many commits to a unit of its own, and as many to one that all share. */
import { filesystemStore } from '../../../../adapters/filesystem.ts'
import { isSynclineError } from '../../../../src/errors.ts'

const [dir = '', own = '', commits = '0', leased = ''] = process.argv.slice(2)
const limits = { chunkBytes: 1000, inlineBytes: 1500, dropAfterMs: 20 }
const dataset = await filesystemStore(dir, { durability: 'process', limits }).open('d')
let conflicts = 0

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

async function run(): Promise<void> {
  for (let i = 0; i < Number(commits); i++) {
    const both = async () => {
      await increment(own, i)
      await increment('shared', i)
    }
    if (leased === 'often' && i % 4 === 0) await dataset.lease(both)
    else await both()
  }
}

await (leased === 'once' ? dataset.lease(run) : run())
process.stdout.write(String(conflicts))
