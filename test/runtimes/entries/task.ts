import type { Place } from '../suite/suite.ts'

/** What the host tells a runtime: where the API is, and which cases it has to run. */
export interface Task extends Place {
  /** `theme: case` of all that apply here. */
  readonly cases: readonly string[]
  /** A folder that it may write to, where there are files. */
  readonly folder?: string
}
