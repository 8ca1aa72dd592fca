import { isSynclineError } from '../index.ts'
import { printable } from './text.ts'

/** Code, message and hint of an error, without a stack. */
export function showError(error: unknown): string {
  if (!isSynclineError(error)) {
    // Not one of ours: a defect, or a function in the user's config. Only its kind is known to be safe to show.
    return `Error: ${kindOf(error)} was thrown unexpectedly. Set SYNCLINE_DEBUG=1 to see it whole.`
  }
  const { code, message, hint = '' } = error
  const what = message.endsWith(hint) ? message.slice(0, message.length - hint.length) : message
  // A hint may be a list, of the other mistakes in a config.
  const [first, ...more] = hint.split('\n')
  const hints = hint === '' ? [] : [`  Hint: ${first}`, ...more.map((line) => `  ${line}`)]
  return [`Error ${code}: ${what.trimEnd()}`, ...hints].map(printable).join('\n')
}

/** The name of an error's class, so far as it is one: functions of the config may throw anything. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return /^[A-Z]\w{1,40}$/i.test(error.name) ? error.name : 'an error'
}
