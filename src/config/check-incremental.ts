import type { IncrementalConfig } from './incremental.ts'
import type { Path, Report } from './issues.ts'
import type { CursorValue } from './resolved.ts'

export function checkIncremental(config: IncrementalConfig, path: Path, report: Report): void {
  const { initialValue, endValue, startParam, endParam, lastValueFunc = 'max' } = config
  if (startParam !== undefined && startParam === endParam) {
    report({ path: [...path, 'endParam'], what: 'the same parameter as startParam' })
  }
  if (endValue === undefined) {
    if (endParam !== undefined) report({ path: [...path, 'endParam'], what: 'endParam without an endValue' })
    return
  }
  const at = [...path, 'endValue']
  if (initialValue === undefined) {
    report({ path: at, what: 'endValue without an initialValue', hint: 'A backfill is a range: set both.' })
  } else if (typeof initialValue !== typeof endValue) {
    report({ path: at, what: `expected a ${typeof initialValue}, as initialValue is one, got ${typeof endValue}` })
  } else if (lastValueFunc === 'max' ? isBelow(endValue, initialValue) : isBelow(initialValue, endValue)) {
    const side = lastValueFunc === 'max' ? 'below' : 'above'
    report({ path: at, what: `endValue is ${side} initialValue`, hint: 'Swap them, or change lastValueFunc.' })
  }
}

/** Instants are compared as such, whatever their zones. */
function isBelow(a: CursorValue, b: CursorValue): boolean {
  const [first, second] = [comparable(a), comparable(b)]
  return typeof first === typeof second ? first < second : a < b
}

const comparable = (value: CursorValue) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value))
    ? Date.parse(value)
    : value
