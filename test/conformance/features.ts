/** The issue that brings whatever is not listed as waiting. */
export const PRESENT = 2

/** What an issue brings, and the cases that wait for it, by suite. */
export interface Future {
  readonly issue: number
  readonly brings: string
  readonly cases: Readonly<Record<string, readonly string[]>>
}

/**
 * Every case that does not pass yet. A case that passes must not be here, and a case that does not must: the test fails
 * in either direction, so that nothing is forgotten and a gap that was closed turns red until its line is gone.
 */
export const waiting: readonly Future[] = []

/** The issue that brings a case. */
export function issueOf(suite: string, name: string): number {
  return waiting.find(({ cases }) => cases[suite]?.includes(name))?.issue ?? PRESENT
}
