import type * as fs from 'node:fs/promises'

type Files = typeof fs

/** One call of the file system: what, where, and what else it was given. */
export interface FileCall {
  readonly op: (typeof PATHS)[number] | 'open' | 'write' | 'read' | 'sync' | 'close'
  readonly path: string
  readonly args: readonly unknown[]
}

/** Is called in the place of every call; it may run it, and it may throw. */
export type Watch = <R>(call: FileCall, run: () => Promise<R>) => Promise<R>

const PATHS = [
  'mkdir',
  'link',
  'rename',
  'unlink',
  'rm',
  'readdir',
  'readFile',
  'writeFile',
  'stat',
  'utimes',
] as const satisfies readonly (keyof Files)[]

/**
 * `node:fs/promises` with somebody who watches: what `vi.mock` puts in its place. `sync` stands for `datasync` too, and
 * `write` for a handle's `writeFile`.
 */
export function watchFiles(real: Files, watch: Watch): Files {
  const watched = Object.fromEntries(
    PATHS.map((op) => {
      const run = real[op] as (...args: unknown[]) => Promise<unknown>
      return [op, (path: string, ...args: unknown[]) => watch({ op, path, args }, () => run(path, ...args))]
    }),
  )
  const open = async (path: string, flags?: string) => {
    const file = await watch({ op: 'open', path, args: [flags] }, () => real.open(path, flags))
    const on = <A extends unknown[], R>(op: FileCall['op'], run: (...args: A) => Promise<R>) => {
      return (...args: A) => watch({ op, path, args }, () => run.apply(file, args))
    }
    return {
      writeFile: on('write', file.writeFile),
      read: on('read', file.read),
      sync: on('sync', file.sync),
      datasync: on('sync', file.datasync),
      close: on('close', file.close),
    }
  }
  return { ...real, ...watched, open } as unknown as Files
}
