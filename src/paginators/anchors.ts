import type { Page } from './paginator.ts'

/** What a page that should begin with rows of the page before begins with. */
export interface AnchorMatch {
  /** How many of its rows were read already. */
  readonly skip: number
  readonly drift: 'none' | 'repaired' | 'added'
}

/**
 * Looks for the anchors, which are the keys of the last rows of the page before, on a page that should begin with so
 * many rows that were read already. `undefined`: none of them is on it.
 */
export function findAnchors(page: Page, anchors: readonly string[], back: number): AnchorMatch | undefined {
  const { count } = page
  const first = back - anchors.length
  if (count >= back && anchors.every((anchor, i) => first + i < 0 || page.key(first + i) === anchor)) {
    return { skip: back, drift: 'none' }
  }
  for (let i = count - 1; i >= 0; i--) {
    if (!anchors.includes(page.key(i))) continue
    if (i < back) return { skip: i + 1, drift: 'repaired' }
    // Rows came in between, unless the anchor alone has gone to another place. What came may be a row of a page to come:
    // so it is taken, and what was read before with it.
    const moved = i + 1 - anchors.length
    const together = anchors.every((anchor, j) => moved + j < 0 || page.key(moved + j) === anchor)
    return together ? { skip: 0, drift: 'added' } : undefined
  }
  return undefined
}

/** The anchors that a page leaves for the next one. */
export function anchorsOf(page: Page, most: number): string[] {
  const first = Math.max(0, page.count - most)
  return Array.from({ length: page.count - first }, (_, i) => page.key(first + i))
}
