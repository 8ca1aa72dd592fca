/** `small-disk dir`: `dir` is a disk of one megabyte of its own. Fills it, makes room, makes it read-only, and says what happened. */
import { execFileSync } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesystemStore } from '../../../../adapters/filesystem.ts'
import { isSynclineError } from '../../../../src/errors.ts'
import { checkRows, commitNext } from '../../../contract/support/history.ts'

const [dir = ''] = process.argv.slice(2)
const ballast = join(dir, 'ballast')
const data = join(dir, 'data')
// Whoever waits for a lease that nobody holds would wait for half a minute.
const open = () => filesystemStore(data).open('d')
const position = async () => (await checkRows(await open())).u ?? 0
const code = (error: unknown) => (isSynclineError(error) ? error.code : String(error))

/** Commits until something fails; how many, and with which code it ended. */
async function commits(most: number): Promise<[done: number, code: string]> {
  const dataset = await open()
  for (let done = 0; ; done++) {
    if (done === most) return [done, 'none']
    try {
      await commitNext(dataset, 'u')
    } catch (error) {
      return [done, code(error)]
    }
  }
}

const leased = async () => (await open()).lease(async () => 'held').catch(code)
const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, dir])
const said: Record<string, unknown> = {}

await writeFile(ballast, Buffer.alloc(200_000))
said.filled = await commits(1000)
said.full = [await position(), await commits(1), await leased(), await leased(), await position()]
await rm(ballast)
said.room = [await commits(4), await leased(), await position()]
remount('ro')
said.readOnly = [await commits(1), await leased(), await position()]
remount('rw')
said.again = [await commits(1), await leased(), await position()]
said.left = (await readdir(join(data, (await readdir(data))[0] ?? ''))).filter((name) => /^(tmp|lease)/.test(name))
process.stdout.write(JSON.stringify(said))
