import { runTheme } from '../suite/run.ts'
import type { Outcome, Platform } from '../suite/suite.ts'
import { themes } from '../suite/themes.ts'
import type { Task } from './task.ts'

/** Runs what the host asks for: of one theme, or of all. */
export async function runTask(task: Task, platform: Platform, only?: string): Promise<Outcome[]> {
  const asked = new Set(task.cases)
  const outcomes: Outcome[] = []
  for (const theme of themes) {
    if (only !== undefined && theme.name !== only) continue
    outcomes.push(...(await runTheme(theme, platform, task, ({ name }) => asked.has(`${theme.name}: ${name}`))))
  }
  return outcomes
}
