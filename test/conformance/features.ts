/** What an issue brings, and the cases that wait for it, by suite. */
export interface Future {
  readonly issue: number
  readonly brings: string
  readonly cases: Readonly<Record<string, readonly string[]>>
}

/**
 * Every case that does not pass yet. The test holds this list in both directions: a case that fails and is not here turns
 * red, and so does one that is here and passes, so that nothing is forgotten and no gap stays on the list once it is
 * closed.
 */
export const waiting: readonly Future[] = []
