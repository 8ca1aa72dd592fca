/** `endless dir unit`: commits for ever, with a lease now and then, and says so with a dot each. */
import { filesystemStore } from '../../../../adapters/filesystem.ts'
import { changesOf } from './changes.ts'

const [dir = '', unit = ''] = process.argv.slice(2)
const limits = { chunkBytes: 4000, inlineBytes: 4000, dropAfterMs: 20 }
const dataset = await filesystemStore(dir, { durability: 'process', limits }).open('d')

async function commit(): Promise<number> {
  const { value, version } = await dataset.position(unit)
  const n = Number(value ?? -1) + 1
  await dataset.commit({ unit, position: n, expect: version, tables: { t: changesOf(unit, n) } })
  process.stdout.write('.')
  return n
}

for (;;) {
  const n = await commit()
  if (n % 4 === 0) await dataset.lease(commit)
}
