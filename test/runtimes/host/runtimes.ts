import { browsers } from './browsers.ts'
import { processes } from './processes.ts'
import type { Runtime } from './runtime.ts'
import { workers } from './workerd.ts'

/** The columns of the matrix. */
export const runtimes: readonly Runtime[] = [...processes, ...workers, ...browsers]
