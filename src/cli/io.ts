/** What the commands need of the process: given to them, so that tests can run them without one. */
export interface Io {
  /** The result of a command, a line or several. Resolves when it has been taken. */
  out(text: string): Promise<void>
  /** Progress, notes and errors: never mixed with the result. */
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Where a spinner may be drawn; undefined where nothing may move: no terminal, or `NO_COLOR` is set. */
  readonly terminal: NodeJS.WriteStream | undefined
  /** The width of what `out` writes to; undefined where it is not a terminal. */
  readonly columns: number | undefined
}

/** 0: done; 1: it failed; 2: the command or the config is wrong; 130: stopped by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130
