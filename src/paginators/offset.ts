import { type AnchorMatch, anchorsOf, findAnchors } from './anchors.ts'
import type { OffsetOptions } from './options/offset.ts'
import type { Next, Page, Paginator } from './paginator.ts'
import { paramWriter } from './param-writer.ts'
import { endUnless, hasMoreReader, totalReader } from './stop.ts'

/** Where the next page begins, and what shows whether rows have moved until then. */
export type OffsetState = {
  /** Rows read so far, as they are numbered now. */
  offset: number
  /** Keys of the last rows that were read. */
  anchors?: string[]
  /** The page begins so many rows before the offset. */
  back?: number
  /** Rows that the API counted. */
  total?: number
  /** Steps back since the last new row. */
  steps?: number
}

type StepBack = Extract<Next<OffsetState>, { readonly next: OffsetState }>

/**
 * Pages by the number of records to skip: `?offset=100&limit=50`, answered with
 *
 * ```json
 * { "data": [{ "id": 101 }, { "id": 102 }], "total": 2048 }
 * ```
 *
 * The offset advances by the records received, since servers may give fewer than were asked for; so a short page is not
 * the end. A total that is smaller than what came in is not believed: an empty page is then the end. Nor is one, at a path
 * that the config does not name, which is the size of a full first page.
 *
 * Rows that are deleted while pages are read make those behind them move up, over the border of a page. Where a total
 * goes down, or with each page if there is an `overlap`, the next page begins with rows that were read already. If the
 * last ones are not where they should be, reading goes on behind them, wherever they are.
 */
export function offset(options: OffsetOptions): Paginator<OffsetState> {
  const { limit, totalPath, hasMorePath, stopAfterEmptyPage = true, maximumOffset, overlap = 0, window = 1 } = options
  const start = options.offset ?? 0
  // Without an overlap, so many of the last rows may go while the next page is asked for.
  const watched = Math.min(8, Math.ceil(limit / 4))
  const writeOffset = paramWriter(options.offsetParam ?? 'offset', options.offsetBodyPath)
  const writeLimit = paramWriter(options.limitParam ?? 'limit', options.limitBodyPath)
  const onlyTotal = !stopAfterEmptyPage && hasMorePath === undefined && maximumOffset === undefined
  const totalOf = totalReader(totalPath === undefined ? 'total' : totalPath, totalPath !== undefined || onlyTotal)
  const hasMore = hasMoreReader(hasMorePath)
  // Nobody has said that this is the total. If it is the number of rows on a full page, it may be no more than that.
  const guessed = totalPath === undefined && !onlyTotal
  const beginOf = ({ offset, back = 0 }: OffsetState) => Math.max(start, offset - back)
  const steppedBack = ({ back = 0 }: OffsetState) => back > overlap

  /** Which of the rows were read already; where that cannot be told, a step back to where it can. */
  function matchRows(page: Page, state: OffsetState): Partial<AnchorMatch> | StepBack {
    const { anchors = [], total: before = 0 } = state
    const begin = beginOf(state)
    const back = state.offset - begin
    const known = totalOf(page, true)
    // A total that is smaller than what was read so far does not count all rows.
    const fell = known && known < before && (page.count === 0 || known >= begin + page.count)
    if (fell && back === 0 && anchors.length > 0 && !page.resumed) {
      return stepBack(page, state, before - known + anchors.length, known)
    }
    if (back === 0) return {}
    const match = findAnchors(page, anchors, back)
    if (match === undefined) return stepBack(page, state, 2 * Math.max(back, limit), known)
    // After a step back, it is known already that rows have moved.
    return match.drift === 'repaired' && steppedBack(state) ? { ...match, drift: 'none' } : match
  }

  /** The next page begins further back, where the rows of the last one may be now. */
  function stepBack(page: Page, state: OffsetState, back: number, total: number | undefined): StepBack {
    const { offset, steps = 0 } = state
    const lost = beginOf({ ...state, back }) === beginOf(state) || steps === MOST_STEPS
    const known = total !== undefined && { total }
    return lost
      ? { next: { offset }, skip: page.count, drift: 'lost' }
      : { next: { ...state, ...known, back, steps: steps + 1 }, skip: page.count, drift: 'suspected' }
  }

  /** The pages behind one that begins here, as long as they are as full as this one and nothing moves. */
  function aheadOf(begin: number, end: number): { ahead?: OffsetState[] } {
    const stride = limit - overlap
    const pages = Math.min(window - 1, Math.ceil((end - begin) / stride) - 1)
    if (pages <= 0) return {}
    return { ahead: Array.from({ length: pages }, (_, i) => ({ offset: begin + (i + 1) * stride })) }
  }

  return {
    start: () => ({ offset: start }),
    apply: (request, state) => writeLimit(writeOffset(request, beginOf(state)), limit),
    next(page, state) {
      const match = matchRows(page, state)
      if ('next' in match) return match
      const { count } = page
      const { skip = 0, drift } = match
      const found = { ...(skip > 0 && { skip }), ...(drift && { drift }) }

      // After a step back, a page of nothing but known rows may lie whole before the place.
      const empty = count === skip && !steppedBack(state)
      if (empty && stopAfterEmptyPage) return { ...endUnless(hasMore(page, true)), ...found }
      // Never by more than the limit: a selector may make several records of one, and skipping would lose some.
      const next = empty ? state.offset + limit : beginOf(state) + Math.min(count, limit)
      const total = totalOf(page)
      const more = hasMore(page)
      const doubtful = guessed && more === undefined && total === count && count >= limit
      const reached = total !== undefined && (next === total ? !doubtful : next > total && empty)
      if (more === false || reached) return { ...endUnless(more), ...found }
      if (maximumOffset !== undefined && next >= maximumOffset) return { end: 'capped', ...found }
      // Pages that are all overlap would never end.
      const most = count > limit ? 0 : overlap > 0 ? Math.min(overlap, count - 1) : total === undefined ? 0 : watched
      const kept = most > 0 ? anchorsOf(page, most) : []
      return {
        next: {
          offset: next,
          ...(kept.length > 0 && { anchors: kept }),
          ...(kept.length > 0 && overlap > 0 && { back: kept.length }),
          ...(kept.length > 0 && total !== undefined && { total }),
          ...(count === skip && state.steps && { steps: state.steps }),
        },
        ...aheadOf(next - (overlap > 0 ? kept.length : 0), Math.min(total ?? 0, maximumOffset ?? Infinity)),
        ...found,
      }
    },
    // Behind the end, some APIs count nothing.
    total: (page) => (page.count === 0 ? totalOf(page, true) || undefined : totalOf(page)),
  }
}

/** Each reads twice as far back. Without an end, a total that falls with every request would go on until it is 0. */
const MOST_STEPS = 16
