import { processes } from './processes.ts'
import type { Runtime } from './runtime.ts'

/** The columns of the matrix. */
export const runtimes: readonly Runtime[] = [...processes]
