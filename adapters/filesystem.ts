import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, link, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ChunkLimits,
  type ChunkStore,
  chunked,
  type Ports,
  resolvePorts,
  type Store,
  SynclineError,
  type Version,
} from '../src/store/index.ts'
import { absent, coded, errorCode, makeFolder, openNew, readRefs, syncFolder } from './filesystem-files.ts'
import type { Lease } from './filesystem-lease.ts'

export interface FilesystemOptions {
  /**
   * `'full'`: what was committed survives a power cut, for a few flushes of the disk per commit. `'process'`: it
   * survives the death of the process. @default 'full'
   */
  durability?: 'full' | 'process'
  /** Other sizes of chunks and small commits than those measured to be good. */
  limits?: Partial<ChunkLimits>
  ports?: Partial<Ports>
}

/**
 * Keeps datasets in files: one folder each in `dir`, one file per run of chunks in it. For Node, Deno and Bun.
 *
 * @example
 * const store = filesystemStore('./data')
 */
export function filesystemStore(dir: string, options: FilesystemOptions = {}): Store {
  return {
    open: (dataset) => chunked(fileChunks(join(dir, folderName(dataset)), options), options),
    drop: (dataset) =>
      coded(async () => {
        const { dropFolder } = await import('./filesystem-drop.ts')
        const sync = async (folder: string) => {
          if (options.durability !== 'process') await syncFolder(folder)
        }
        await dropFolder(dir, folderName(dataset), { absent, sync })
      }),
  }
}

/** A readable beginning, and a hash that tells names apart: no dataset's name becomes a path. */
export function folderName(dataset: string): string {
  // UTF-16, since UTF-8 has one and the same bytes for all lone surrogates.
  const hash = createHash('sha256').update(Buffer.from(dataset, 'utf16le')).digest('hex')
  return `${dataset.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)}-${hash.slice(0, 16)}`
}

/** `head.7` is the seventh head. Its first line has its id and its parent's; the rest is the head. */
interface HeadFile {
  readonly number: number
  readonly id: string
  readonly parent: string
  readonly value: string
}

const HEAD = /^head\.(\d{1,15})$/
const OURS = /^(run|tmp)-[0-9a-f]{16}$/
const NONE = '0'
/** A run is written in pieces of this size: each costs a turn of the thread pool. */
const WRITE_BYTES = 1 << 20

function fileChunks(folder: string, { durability = 'full', limits }: FilesystemOptions): ChunkStore {
  const sync = durability === 'full'
  /** Of the runs that no head names yet. */
  let flushes: Promise<void>[] = []
  let held: Lease | undefined

  async function headNumbers(): Promise<number[]> {
    const names = await readdir(folder).catch(absent<string[]>([]))
    return names.flatMap((name) => HEAD.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => b - a)
  }

  async function readHead(number: number): Promise<HeadFile | undefined> {
    const text = await readFile(join(folder, `head.${number}`), 'utf8').catch(absent(undefined))
    if (text === undefined) return undefined
    const line = text.indexOf('\n')
    const [id = '', parent = ''] = text.slice(0, line).split(' ')
    return { number, id, parent, value: text.slice(line + 1) }
  }

  async function newestHead(below = Number.POSITIVE_INFINITY): Promise<HeadFile | undefined> {
    for (;;) {
      const [number] = (await headNumbers()).filter((each) => each < below)
      if (number === undefined) return undefined
      const head = await readHead(number)
      if (head !== undefined) return head // else it has been replaced just now
    }
  }

  /** Writes a new file. Its flush goes on while the caller does other things. */
  async function create(kind: 'run' | 'tmp', write: (file: FileHandle) => Promise<void>) {
    const name = `${kind}-${unique()}`
    const file = await openNew(join(folder, name), sync)
    const ended = (last?: Promise<void>) =>
      Promise.resolve(last)
        .catch(async (error) => {
          await unlink(join(folder, name)).catch(() => {})
          throw error
        })
        .finally(() => file.close())
    await write(file).catch((error) => ended(Promise.reject(error)))
    const flushed = sync ? ended(file.datasync()) : ended()
    flushed.catch(() => {}) // whoever waits for it is told
    return { name, flushed }
  }

  /** Whether the head that was just linked counts: whether the newest of all heads is it or comes from it. */
  async function isInChain({ number, id }: { number: number; id: string }, all: readonly number[]): Promise<boolean> {
    // The parent is only removed after the next but one: if it is not there, the dataset was dropped meanwhile.
    if (all[0] === number) return number === 1 || all.includes(number - 1)
    let wanted: string | undefined
    for (const each of all) {
      const head = await readHead(each)
      if (head === undefined || (wanted !== undefined && head.id !== wanted)) return false
      if (each === number) return head.id === id
      wanted = head.parent
    }
    return false
  }

  return {
    limits: {
      chunkBytes: 1 << 16,
      inlineBytes: 1 << 14,
      maxOps: Number.POSITIVE_INFINITY,
      // A commit costs a flush or two. Pages that come faster than this share one.
      minPublishMs: 100,
      dropAfterMs: 10_000,
      cas: true,
      ...limits,
    },
    head: (before) =>
      coded(async () => {
        const head = await newestHead(before === undefined ? undefined : parseVersion(before).number)
        return head && { value: head.value, version: `${head.number}.${head.id}` }
      }),
    read: (refs) => coded(() => readRefs(folder, refs)),
    writeRun: (chunks) =>
      coded(async () => {
        const places: [offset: number, length: number][] = []
        let offset = 0
        const { name, flushed } = await create('run', async (file) => {
          let waiting: Buffer[] = []
          let written = 0
          for await (const chunk of chunks) {
            const bytes = Buffer.from(chunk)
            waiting.push(bytes)
            places.push([offset, bytes.length])
            offset += bytes.length
            if (offset - written < WRITE_BYTES) continue
            await file.writeFile(Buffer.concat(waiting))
            waiting = []
            written = offset
          }
          await file.writeFile(Buffer.concat(waiting))
        })
        flushes.push(flushed)
        return places.map(([start, length]) => `${name}:${start}:${length}`)
      }),
    publish: (value, expect) =>
      coded(async () => {
        if (await held?.isLost()) throw leaseLost()
        const parent = expect === undefined ? { number: 0, id: NONE } : parseVersion(expect)
        const newest = (await newestHead()) ?? { number: 0, id: NONE }
        // Another id: the dataset was dropped meanwhile, and has as many commits again.
        if (newest.number !== parent.number || newest.id !== parent.id) throw conflict()
        const id = unique()
        const number = parent.number + 1
        const runs = flushes
        flushes = []
        const { name, flushed } = await create('tmp', (file) => file.writeFile(`${id} ${parent.id}\n${value}`))
        const [tmp, path] = [join(folder, name), join(folder, `head.${number}`)]
        try {
          // The runs and their names must be on the disk before a head that names them can be.
          await Promise.all([flushed, ...runs, sync && runs.length > 0 && syncFolder(folder)])
          await link(tmp, path).catch((error) => {
            // ENOENT: the dataset has been dropped just now.
            throw errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOENT' ? conflict() : error
          })
        } finally {
          await unlink(tmp).catch(() => {})
        }
        const all = await headNumbers()
        if (!(await isInChain({ number, id }, all))) {
          // Another process may be faster: it removes what is not among the last two heads.
          if ((await readHead(number))?.id === id) await unlink(path).catch(absent(undefined))
          throw conflict()
        }
        if (sync) await syncFolder(folder)
        const old = all.filter((each) => each < number - 1)
        await Promise.all(old.map((each) => unlink(join(folder, `head.${each}`)).catch(() => {})))
        return `${number}.${id}`
      }),
    async *list() {
      for (const ref of await coded(() => readdir(folder).catch(absent<string[]>([])))) {
        if (!OURS.test(ref)) continue
        const found = await coded(() => stat(join(folder, ref)).catch(absent(undefined)))
        if (found !== undefined) yield { ref, writtenAt: found.mtimeMs }
      }
    },
    remove: (refs) =>
      coded(async () => {
        for (const ref of refs) if (OURS.test(ref)) await unlink(join(folder, ref)).catch(absent(undefined))
      }),
    watch(look) {
      const stop = import('./filesystem-watch.ts').then(({ watchFolder }) => watchFolder(folder, look))
      return () => void stop.then((end) => end())
    },
    async lease(run, { signal } = {}) {
      const { takeLease } = await import('./filesystem-lease.ts')
      // Other processes live in real time, whatever clock the caller has.
      const { sleep } = resolvePorts()
      const lease = await coded(() => takeLease(folder, () => makeFolder(folder, sync), sleep, signal))
      held = lease
      return run().finally(() => {
        held = undefined
        return lease.giveBack()
      })
    },
  }
}

function parseVersion(version: Version): { number: number; id: string } {
  // The id of a head that a power cut has damaged may be anything.
  const dot = version.indexOf('.')
  return { number: Number(version.slice(0, dot)), id: version.slice(dot + 1) }
}

function unique(): string {
  return randomBytes(8).toString('hex')
}

function conflict(): SynclineError {
  return new SynclineError('conflict', 'Another process has committed to this dataset', { retryable: true })
}

function leaseLost(): SynclineError {
  return new SynclineError('lease_lost', 'Another process has taken over this dataset, or has dropped it', {
    retryable: true,
    hint: 'This process stood still for half a minute or more. Call again: it waits for its turn and goes on from there.',
  })
}
