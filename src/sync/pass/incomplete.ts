import type { Pass } from '../unit/position.ts'

const INCOMPLETE = {
  capped: "the paginator's maximum was reached",
  unproved: "nothing shows that the last page was the last (if one page is all, say so: paginator: 'single_page')",
  ignored: 'a response was ignored',
  limit: '`limit` was reached',
  moved: 'rows moved while they were read, and their place was not found again',
  removed: 'rows were removed while they were read',
} as const

/** Not all rows were seen. */
export function leaveOut(pass: Pass, why: keyof typeof INCOMPLETE): void {
  pass.incomplete ??= INCOMPLETE[why]
  if (why === 'limit') pass.partial = why
  else if (why === 'moved' || why === 'removed') pass.partial ??= 'moved'
}
