import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Ref, SynclineError } from '../src/store/index.ts'

/** Reading so much for nothing is cheaper than reading twice: the fingerprints between two chunks, for example. */
const GAP_BYTES = 1 << 14

/** The folder is made when its first file is; `sync`: durably. */
export async function openNew(path: string, sync: boolean): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    await makeFolder(dirname(path), sync)
    return open(path, 'wx')
  }
}

/** Makes a folder and those above it, if they are not there. With `sync`, their names are durable then. */
export async function makeFolder(folder: string, sync: boolean): Promise<void> {
  const parent = dirname(folder)
  try {
    await mkdir(folder)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' && parent !== folder) {
      await makeFolder(parent, sync)
      await mkdir(folder, { recursive: true })
    } else if (code !== 'EEXIST') throw error
  }
  // Also when it was there: another process may have made it just now.
  if (sync) await syncFolder(parent)
}

interface Piece {
  readonly index: number
  readonly start: number
  readonly length: number
}

export async function readRefs(folder: string, refs: readonly Ref[]): Promise<(string | undefined)[]> {
  const byFile = new Map<string, Piece[]>()
  for (const [index, ref] of refs.entries()) {
    const [name = '', start, length] = ref.split(':')
    const pieces = byFile.get(name) ?? []
    pieces.push({ index, start: Number(start), length: Number(length) })
    byFile.set(name, pieces)
  }
  const texts: (string | undefined)[] = refs.map(() => undefined)
  await Promise.all([...byFile].map(([name, pieces]) => readPieces(join(folder, name), pieces, texts)))
  return texts
}

/** Pieces that are close to each other are read in one go. */
async function readPieces(path: string, pieces: Piece[], texts: (string | undefined)[]): Promise<void> {
  const file = await open(path, 'r').catch(absent(undefined))
  if (file === undefined) return
  try {
    pieces.sort((a, b) => a.start - b.start)
    for (let from = 0; from < pieces.length; ) {
      const { start } = pieces[from] as Piece
      let end = start
      let to = from
      for (let next = pieces[to]; next !== undefined && next.start - end <= GAP_BYTES; next = pieces[++to]) {
        end = Math.max(end, next.start + next.length)
      }
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start)
      for (const { index, start: at, length } of pieces.slice(from, to)) {
        texts[index] = buffer.toString(
          'utf8',
          Math.min(at - start, bytesRead),
          Math.min(at - start + length, bytesRead),
        )
      }
      from = to
    }
  } finally {
    await file.close()
  }
}

/** Makes the names in a folder durable. Windows and some network file systems cannot, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(String(errorCode(error)))) throw error
  }
}

/** For `catch`: a file that is not there is `value`. */
export function absent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (errorCode(error) === 'ENOENT') return value
    throw error
  }
}

export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Turns the errors of the file system into ours. Theirs carry paths. */
export async function coded<R>(run: () => Promise<R>): Promise<R> {
  try {
    return await run()
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new SynclineError('store_full', 'There is no space left for the dataset', {
        retryable: true,
        hint: 'Free some space and sync again: what was committed is kept.',
      })
    }
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error
    throw new SynclineError('store_unavailable', `The file system refused access to the dataset (${code})`, {
      retryable: code === 'EMFILE' || code === 'EBUSY' || code === 'EAGAIN',
      hint: 'Check that the folder exists and can be read and written.',
    })
  }
}
