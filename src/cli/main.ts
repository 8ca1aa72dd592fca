#!/usr/bin/env node
import process from 'node:process'
import { run } from './run.ts'

const stop = new AbortController()

process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(130)
  process.stderr.write('\nStopping after the commit under way. Ctrl-C again ends at once.\n')
  stop.abort()
})

// `syncline show ... | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

const { NO_COLOR, TERM, CI } = process.env
const animated = process.stderr.isTTY && !NO_COLOR && TERM !== 'dumb' && CI === undefined

// A spinner hides the cursor; a second Ctrl-C leaves it no time to bring it back.
if (animated) process.on('exit', () => process.stderr.write('\u001b[?25h'))

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve())),
  err: (text) => process.stderr.write(`${text}\n`),
  env: process.env,
  signal: stop.signal,
  terminal: animated ? process.stderr : undefined,
  columns: (process.stdout.isTTY && process.stdout.columns) || undefined,
})
