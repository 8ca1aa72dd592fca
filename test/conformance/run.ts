import type { Case } from './cases.ts'
import { runDetect } from './run-detect.ts'
import { runExtract } from './run-extract.ts'
import { runLoad } from './run-load.ts'
import { runUnit } from './run-unit.ts'

/** Runs a case; rejects when anything is not as the case says. */
export function runCase(one: Case): Promise<void> {
  switch (one.mode) {
    case 'extract':
      return runExtract(one)
    case 'load':
      return runLoad(one)
    case 'detect':
      return runDetect(one)
    case 'unit':
      return runUnit(one)
  }
}
