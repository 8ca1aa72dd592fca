import type { ApiServer } from '../api/server.ts'
import type { Task } from '../entries/task.ts'
import type { Capability, Outcome } from '../suite/suite.ts'
import type { Consumer } from './package.ts'

export interface Runtime {
  readonly name: string
  /** What it does not have, and why: cases that need it do not apply. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>
  /** npm brings it, on Linux and x64 at least. */
  readonly fromNpm: boolean
  /** How to get it, shown where it is not installed. */
  readonly missing: string
  /** The program; `undefined` where it is not installed. */
  find(): string | undefined | Promise<string | undefined>
  run(program: string, task: Task, host: Host): Promise<Outcome[]>
}

export interface Host {
  readonly consumer: Consumer
  readonly api: ApiServer
}

export const NO_INDEXED_DB = 'no IndexedDB'
export const NO_FILES = 'no file system'
export const NOT_CLOUDFLARE = 'only on Cloudflare'
/** What is there wherever no browser is. */
export const NO_BROWSER = { 'opaque redirects': 'redirects can be seen here' }
