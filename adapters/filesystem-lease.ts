import { randomBytes } from 'node:crypto'
import { link, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Ports } from '../src/store/index.ts'

const BEAT_MS = 5_000
/** A lease whose heart has not beaten for so long is nobody's. */
const STALE_MS = 30_000
const POLL_MS = 50

/** A lease that was taken. */
export interface Lease {
  /** It was taken over, since this process had stood still for so long, or it went with the dataset. */
  isLost(): Promise<boolean>
  giveBack(): Promise<void>
}

/**
 * Takes the file `lease` of a folder. A courtesy that spares two processes each other's conflicts: that no commit gets
 * lost, the heads see to. `makeFolder` sees to it that the folder is there.
 */
export async function takeLease(
  folder: string,
  makeFolder: () => Promise<void>,
  sleep: Ports['sleep'],
  signal?: AbortSignal,
): Promise<Lease> {
  const path = join(folder, 'lease')
  const id = randomBytes(8).toString('hex')
  const content = JSON.stringify({ pid: process.pid, host: host(), id })
  while (!((await isFree(path)) && (await create(path, content, makeFolder)))) {
    signal?.throwIfAborted()
    await sleep(POLL_MS, signal)
  }
  const done = new AbortController()
  const beating = beat(path, content, (ms) => sleep(ms, done.signal))
  return {
    async isLost() {
      // What cannot be read now is not lost.
      return readFile(path, 'utf8').then(
        (found) => found !== content,
        (error) => {
          if (hasCode(error, 'ENOENT')) return true
          throw error
        },
      )
    },
    async giveBack() {
      done.abort()
      await beating
      if ((await read(path)) === content) await unlink(path).catch(() => {})
    },
  }
}

/** In one step: a lease that is there says whose it is, even when its writer was killed, or the disk is full. */
async function create(path: string, content: string, makeFolder: () => Promise<void>): Promise<boolean> {
  const aside = beside(path)
  await makeFolder()
  try {
    await writeFile(aside, content, { flag: 'wx' })
    await link(aside, path)
    return true
  } catch (error) {
    // EEXIST: someone was faster. ENOENT: the dataset was dropped just now.
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) return false
    throw error
  } finally {
    await unlink(aside).catch(() => {})
  }
}

/** Keeps the file's time fresh until `sleep` is aborted. */
async function beat(path: string, content: string, sleep: (ms: number) => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await sleep(BEAT_MS)
    } catch {
      return
    }
    const now = new Date()
    if ((await read(path)) === content) await utimes(path, now, now).catch(() => {})
  }
}

/** Whether there is no lease, after removing one whose holder is gone. */
async function isFree(path: string): Promise<boolean> {
  const content = await read(path)
  if (content === undefined) return true
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
  if (Date.now() - mtimeMs < STALE_MS && mayLive(content)) return false
  const aside = beside(path)
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return true
  // Someone else may have taken over in between: then what was moved aside is theirs, and goes back.
  if ((await read(aside)) !== content) await link(aside, path).catch(() => {})
  await unlink(aside).catch(() => {})
  return true
}

/** A name that the collection knows as garbage, should it be left there. */
function beside(path: string): string {
  return join(path, '..', `tmp-${randomBytes(8).toString('hex')}`)
}

/** False only if the holder was a process of this machine that is no more. */
function mayLive(content: string): boolean {
  const holder = /^\{"pid":(\d+),"host":("[^"]*"),/.exec(content)
  if (holder === null || holder[2] !== JSON.stringify(host())) return true
  try {
    return process.kill(Number(holder[1]), 0)
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

/** Not shared with the other files: this one is loaded by itself. */
function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

/** Deno asks for a permission first. */
function host(): string {
  try {
    return hostname()
  } catch {
    return ''
  }
}
