import type { Store } from 'syncline'
import type { Ports } from 'syncline/store'
import type { Api } from './api.ts'

/** What not every runtime has. */
export const CAPABILITIES = [
  'visible redirects',
  'opaque redirects',
  'cookies',
  'files',
  'IndexedDB',
  'Cloudflare',
] as const
export type Capability = (typeof CAPABILITIES)[number]

/** One promise, kept in every runtime that has what it needs. No test runner, so that it runs in all of them. */
export interface Case {
  readonly name: string
  readonly needs?: readonly Capability[]
  run(world: World): Promise<unknown>
}

export interface Theme {
  readonly name: string
  readonly cases: readonly Case[]
}

/** Where a case runs: an API of its own, and an empty store of the kind that the runtime has. */
export interface World {
  readonly api: Api
  readonly platform: Platform
  /** What this runtime is said to have. */
  readonly has: readonly Capability[]
  /** The same place each time, as another tab or process sees it. */
  store(): Store
  /** Names nothing else of this run has. */
  readonly name: string
}

export type StoreName = 'memory' | 'files' | 'IndexedDB' | 'KV, one writer' | 'KV, head in R2' | 'R2'

/** Opens the place of this name. */
export type OpenStore = (place: string, ports?: Partial<Ports>) => Store

export interface Platform {
  readonly stores: Partial<Record<StoreName, OpenStore>>
  /** The store that cases use which do not say. */
  readonly usual: StoreName
  /** Puts the mocked API in front of `fetch`, for all that it answers; how to take it away again. */
  mock(): Promise<() => unknown>
}

/** Where the two origins of the API are, and which runtime asks: so that what it leaves behind is its own. */
export interface Place {
  readonly api: string
  readonly foreign: string
  readonly runtime: string
  readonly has: readonly Capability[]
}

/** How a case ended. */
export interface Outcome {
  readonly theme: string
  readonly name: string
  /** Why it failed. */
  readonly failed?: string
}
