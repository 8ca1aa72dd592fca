import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { FileCall, Watch } from '../../support/watched-files.ts'

/** What a file system was told to do, and, in between, how many commits had returned. */
export type Step =
  | { readonly op: 'mkdir' | 'create' | 'sync' | 'unlink' | 'rm'; readonly path: string }
  | { readonly op: 'write'; readonly path: string; readonly data: Buffer }
  | { readonly op: 'link' | 'rename'; readonly path: string; readonly to: string }
  | { readonly op: 'returned'; readonly commits: number }

/** Writes down what changes something below a folder. Paths in the record begin there. */
export function record(root: string, steps: Step[]): Watch {
  const local = (path: unknown) => relative(root, String(path))
  return async (call, run) => {
    const result = await run()
    steps.push(...stepsOf(call, local))
    return result
  }
}

function stepsOf({ op, path: full, args }: FileCall, local: (path: unknown) => string): Step[] {
  const path = local(full)
  const data = () => Buffer.from(args[0] as string | Buffer)
  if (op === 'open') return args[0] === 'wx' ? [{ op: 'create', path }] : []
  if (op === 'write') return [{ op, path, data: data() }]
  if (op === 'writeFile') return [{ op: 'create', path }, ...stepsOf({ op: 'write', path: full, args }, local)]
  if (op === 'link' || op === 'rename') return [{ op, path, to: local(args[0]) }]
  return op === 'mkdir' || op === 'sync' || op === 'unlink' || op === 'rm' ? [{ op, path }] : []
}

/** A file or a folder: what is on the disk for sure, and what it is while there is power. */
class File {
  synced = Buffer.alloc(0)
  now = Buffer.alloc(0)
  sync(): void {
    this.synced = this.now
  }
}

class Folder {
  /** On the disk for sure. */
  readonly synced = new Map<string, Node>()
  readonly now = new Map<string, Node>()
  /** What each name has become since the folder was flushed, one after the other. */
  readonly pending = new Map<string, (Node | undefined)[]>()

  set(name: string, node: Node | undefined): void {
    if (node === undefined) this.now.delete(name)
    else this.now.set(name, node)
    this.pending.set(name, [...(this.pending.get(name) ?? []), node])
  }

  sync(): void {
    this.synced.clear()
    for (const [name, node] of this.now) this.synced.set(name, node)
    this.pending.clear()
  }
}

type Node = File | Folder
/** What a power cut leaves: the contents of the files, by path. */
export type Tree = ReadonlyMap<string, Buffer>

/** One thing that a power cut may leave in several ways: the last of them is that everything has got to the disk. */
interface Choice {
  readonly of: Node
  readonly name: string
  readonly ways: number
}

/**
 * A disk that keeps nothing but what was flushed: of the rest, a power cut leaves any part. A file's new content is
 * there, or not, or half of it, or zeros, or half of it and garbage. Of the changes to the names in a folder, those to
 * one name happen in their order, and for each name by itself any number of them has happened.
 */
export class Disk {
  readonly #root = new Folder()
  commits = 0

  apply(step: Step): void {
    if (step.op === 'returned') this.commits = step.commits
    else if (step.op === 'mkdir') this.#mkdir(step.path)
    else if (step.op === 'create') this.#put(step.path, new File())
    else if (step.op === 'write') {
      const file = this.#at(step.path) as File
      file.now = Buffer.concat([file.now, step.data])
    } else if (step.op === 'sync') this.#at(step.path)?.sync()
    else if (step.op === 'unlink') this.#put(step.path, undefined)
    else if (step.op === 'rm') this.#remove(step.path)
    else if ('to' in step) {
      this.#put(step.to, this.#at(step.path))
      if (step.op === 'rename') this.#put(step.path, undefined)
    }
  }

  /** What a power cut now may leave: all of it if that is at most `most` states, else the extremes and some by lot. */
  states(most: number, random: () => number): Tree[] {
    const choices = this.#choices()
    const count = choices.reduce((product, { ways }) => product * ways, 1)
    const picks: number[][] = []
    const last = choices.map(({ ways }) => ways - 1)
    if (count <= most) for (let n = 0; n < count; n++) picks.push(digits(n, choices))
    else {
      picks.push(
        last,
        last.map(() => 0),
      )
      for (let n = 0; n < most; n++) {
        // Mostly everything or nothing, and one or two exceptions: that is what an order of flushes is about.
        const base = [last, choices.map(() => 0), choices.map(({ ways }) => Math.floor(random() * ways))][n % 3]
        const pick = [...(base as number[])]
        for (let i = 0; i < 1 + (n % 2); i++) {
          const at = Math.floor(random() * choices.length)
          pick[at] = Math.floor(random() * (choices[at]?.ways ?? 1))
        }
        picks.push(pick)
      }
    }
    return picks.map((pick) => treeOf(this.#root, new Lot(choices, pick)))
  }

  #choices(): Choice[] {
    const choices: Choice[] = []
    const seen = new Set<Node>()
    const visit = (node: Node) => {
      if (seen.has(node)) return
      seen.add(node)
      if (node instanceof File) {
        if (!node.now.equals(node.synced)) choices.push({ of: node, name: '', ways: 5 })
        return
      }
      for (const [name, changes] of node.pending) choices.push({ of: node, name, ways: changes.length + 1 })
      for (const each of [...node.synced.values(), ...[...node.pending.values()].flat()]) if (each) visit(each)
    }
    visit(this.#root)
    return choices
  }

  #at(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of path.split('/')) if (name !== '') node = node instanceof Folder ? node.now.get(name) : undefined
    return node
  }

  #put(path: string, node: Node | undefined): void {
    const folder = this.#at(dirname(path).replace(/^\.$/, ''))
    if (folder instanceof Folder) folder.set(path.slice(path.lastIndexOf('/') + 1), node)
  }

  /** File by file, as the operating system does. */
  #remove(path: string): void {
    const node = this.#at(path)
    if (node instanceof Folder) for (const name of [...node.now.keys()]) this.#remove(`${path}/${name}`)
    this.#put(path, undefined)
  }

  #mkdir(path: string): void {
    if (path === '' || this.#at(path) !== undefined) return
    this.#mkdir(dirname(path).replace(/^\.$/, ''))
    this.#put(path, new Folder())
  }
}

/** Which way was chosen for each thing; the last one where there was no choice. */
class Lot {
  readonly #ways = new Map<Node, Map<string, number>>()

  constructor(choices: readonly Choice[], pick: readonly number[]) {
    for (const [i, { of, name }] of choices.entries()) {
      const ways = this.#ways.get(of) ?? new Map<string, number>()
      this.#ways.set(of, ways.set(name, pick[i] as number))
    }
  }

  of(node: Node, name = ''): number {
    return this.#ways.get(node)?.get(name) ?? 0
  }
}

function digits(n: number, choices: readonly Choice[]): number[] {
  return choices.map(({ ways }) => {
    const digit = n % ways
    n = Math.floor(n / ways)
    return digit
  })
}

function treeOf(root: Folder, lot: Lot): Tree {
  const tree = new Map<string, Buffer>()
  const visit = (folder: Folder, path: string) => {
    const names = new Map(folder.synced)
    for (const [name, changes] of folder.pending) {
      const happened = lot.of(folder, name)
      const node = changes[happened - 1]
      if (happened === 0) continue
      if (node === undefined) names.delete(name)
      else names.set(name, node)
    }
    for (const [name, node] of names) {
      if (node instanceof Folder) visit(node, `${path}${name}/`)
      else tree.set(`${path}${name}`, contentOf(node, lot.of(node)))
    }
  }
  visit(root, '')
  return tree
}

function contentOf({ synced, now }: File, way: number): Buffer {
  const half = now.subarray(0, synced.length + Math.floor((now.length - synced.length) / 2))
  if (way === 1) return half
  if (way === 2) return Buffer.alloc(now.length)
  if (way === 3) return Buffer.concat([half, Buffer.from('�garbage\n.0'.repeat(20))]).subarray(0, now.length)
  return way === 4 ? now : synced
}

/** Two trees with the same one are the same. */
export function signature(tree: Tree): string {
  const hash = createHash('sha1')
  for (const [path, content] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('base64')
}

/** The files of a tree, below a folder. */
export function at(root: string, tree: Tree): [path: string, content: Buffer][] {
  return [...tree].map(([path, content]) => [join(root, path), content])
}

export async function materialise(tree: Tree, root: string): Promise<void> {
  const files = at(root, tree)
  for (const folder of new Set(files.map(([path]) => dirname(path)))) await mkdir(folder, { recursive: true })
  await Promise.all(files.map(([path, content]) => writeFile(path, content)))
}
