import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { absent } from './filesystem-files.ts'

/** What is loaded for itself must not share a module with what is there at once: both would be cut in more pieces. */
interface Tools {
  readonly absent: typeof absent
  /** Makes the names in a folder durable, if that is wanted. */
  sync(folder: string): Promise<void>
}

/** Removes a folder of a folder, and what a process left of it that was killed while it did so. */
export async function dropFolder(dir: string, name: string, { absent, sync }: Tools): Promise<void> {
  const doomed = `${name}.dropped-`
  // In one step, also for a power cut: nobody sees half a dataset.
  await rename(join(dir, name), join(dir, doomed + randomBytes(8).toString('hex'))).catch(absent(undefined))
  const all = await readdir(dir).catch(absent<string[]>([]))
  const remains = all.filter((each) => each.startsWith(doomed))
  if (remains.length === 0) return
  await sync(dir)
  for (const each of remains) await rm(join(dir, each), { recursive: true, force: true })
  await sync(dir)
}
