import { isSynclineError } from '../index.ts'
import { printable } from './text.ts'

/** Code, message and hint of an error, without a stack. */
export function showError(error: unknown): string {
  if (!isSynclineError(error)) {
    // Not one of ours: a defect, or a function in the user's config. Only its kind is known to be safe to show.
    const name = error instanceof Error ? error.name : typeof error
    return `Error: ${printable(name)} was thrown unexpectedly. Set SYNCLINE_DEBUG=1 to see it whole.`
  }
  const { code, message, hint = '' } = error
  const what = message.endsWith(hint) ? message.slice(0, message.length - hint.length) : message
  const lines = [`Error ${code}: ${what.trimEnd()}`, ...(hint === '' ? [] : [`  Hint: ${hint}`])]
  return lines.map(printable).join('\n')
}
