import { Buffer } from 'node:buffer'
import { dirname } from 'node:path'
import type { FileCall, Watch } from './watched-files.ts'

/** A file: two names may lead to the same one. */
interface File {
  data: Buffer
}

/** A file system in memory, as far as the adapter for files uses one. `watchFiles` puts it in the place of the real one. */
export class MemoryFiles {
  readonly #files = new Map<string, File>()
  readonly #folders = new Set(['/'])

  constructor(files: Iterable<[path: string, data: Buffer]>) {
    for (const [path, data] of files) {
      this.#makeFolder(dirname(path))
      this.#files.set(path, { data })
    }
  }

  readonly watch: Watch = async <R>(call: FileCall, run: () => Promise<R>): Promise<R> => {
    const ofHandle = ['write', 'read', 'sync', 'close'].includes(call.op)
    return ofHandle ? run() : (this.#do(call) as R)
  }

  #do({ op, path, args: [arg] }: FileCall): unknown {
    switch (op) {
      case 'open':
        if (arg === 'wx') return handle(this.#create(path))
        return handle(this.#folders.has(path) ? { data: Buffer.alloc(0) } : this.#file(path))
      case 'writeFile':
        this.#create(path).data = Buffer.from(arg as string)
        return undefined
      case 'readFile':
        return this.#file(path).data.toString('utf8')
      case 'readdir':
        if (!this.#folders.has(path)) throw failure('ENOENT')
        return [...this.#files.keys()]
          .filter((each) => dirname(each) === path)
          .map((each) => each.slice(path.length + 1))
      case 'link':
        return this.#name(arg as string, this.#file(path))
      case 'rename':
        this.#files.set(arg as string, this.#file(path))
        return this.#files.delete(path)
      case 'unlink':
        this.#file(path)
        return this.#files.delete(path)
      case 'mkdir':
        if (this.#folders.has(path)) throw failure('EEXIST')
        if (!this.#folders.has(dirname(path))) throw failure('ENOENT')
        return this.#folders.add(path)
      case 'stat':
        this.#file(path)
        return { mtimeMs: 0 }
      default:
        throw new Error(`${op} is not there`)
    }
  }

  #create(path: string): File {
    const file = { data: Buffer.alloc(0) }
    this.#name(path, file)
    return file
  }

  #name(path: string, file: File): void {
    if (!this.#folders.has(dirname(path))) throw failure('ENOENT')
    if (this.#files.has(path)) throw failure('EEXIST')
    this.#files.set(path, file)
  }

  #file(path: string): File {
    const file = this.#files.get(path)
    if (file === undefined) throw failure('ENOENT')
    return file
  }

  #makeFolder(path: string): void {
    this.#folders.add(path)
    if (dirname(path) !== path) this.#makeFolder(dirname(path))
  }
}

function handle(file: File) {
  const nothing = async () => {}
  return {
    async writeFile(data: string | Buffer) {
      file.data = Buffer.concat([file.data, Buffer.from(data as string)])
    },
    async read(buffer: Buffer, offset: number, length: number, from: number) {
      return { buffer, bytesRead: file.data.subarray(from, from + length).copy(buffer, offset) }
    },
    sync: nothing,
    datasync: nothing,
    close: nothing,
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
