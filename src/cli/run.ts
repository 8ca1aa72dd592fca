import { isSynclineError } from '../index.ts'
import { type Args, parseCommandLine } from './args.ts'
import { runCheck } from './check.ts'
import type { ExitCode, Io } from './io.ts'
import { runReplay } from './replay.ts'
import { runReset } from './reset.ts'
import { runSchema } from './schema.ts'
import { runShow } from './show.ts'
import { showError } from './show-error.ts'
import { runSync } from './sync.ts'
import { USAGE } from './usage.ts'
import { VERSION } from './version.ts'

const COMMANDS: Record<Args['command'], (args: Args, io: Io) => Promise<ExitCode>> = {
  sync: runSync,
  show: runShow,
  check: runCheck,
  schema: runSchema,
  replay: runReplay,
  reset: runReset,
  help: (_, io) => print(USAGE, io),
  version: (_, io) => print(VERSION, io),
}

/** Codes of mistakes in the command line or the config: trying again does not help. */
const MISTAKES = ['config_invalid', 'selector_invalid', 'body_conflict', 'get_with_body', 'not_implemented']

/** Runs one command and says how the process is to end. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const args = parseCommandLine(argv)
    return await COMMANDS[args.command](args, io)
  } catch (error) {
    if (io.signal.aborted) {
      io.err('Stopped. What was committed stays: the same command goes on from there.')
      return 130
    }
    io.err(showError(error))
    if (io.env.SYNCLINE_DEBUG && error instanceof Error) io.err(error.stack ?? '')
    return isSynclineError(error) && MISTAKES.includes(error.code) ? 2 : 1
  }
}

async function print(text: string, io: Io): Promise<ExitCode> {
  await io.out(text)
  return 0
}
