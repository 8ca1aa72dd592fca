const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const TIME = String.raw`(?<h>\d\d):(?<mi>\d\d):(?<s>\d\d)`
const MONTH = `(?<mo>${MONTHS.join('|')})`
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'

/** IMF-fixdate, then the two obsolete forms that a recipient must take as well (RFC 9110, 5.6.7). */
const FORMS = [
  new RegExp(String.raw`^${DAY}, (?<d>\d\d) ${MONTH} (?<y>\d{4}) ${TIME} GMT$`),
  new RegExp(String.raw`^${LONG_DAY}, (?<d>\d\d)-${MONTH}-(?<y>\d\d) ${TIME} GMT$`),
  new RegExp(String.raw`^${DAY} ${MONTH} (?<d>\d\d| \d) ${TIME} (?<y>\d{4})$`),
]

/**
 * Reads an HTTP date, in ms since 1970; `undefined` for anything else. `Date.parse` would take `3` for March 2001 and
 * `-1` for January.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups
    if (parts !== undefined) return toTime(parts, now)
  }
  return undefined
}

function toTime({ y = '', mo = '', d, h, mi, s }: Record<string, string>, now: number): number | undefined {
  const [month, day, hour, minute, second] = [MONTHS.indexOf(mo), Number(d), Number(h), Number(mi), Number(s)]
  const year = y.length === 2 ? fullYear(Number(y), now) : Number(y)
  // A leap second is legal and falls on the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  // Not Date.UTC, for which the year 99 is 1999.
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** Two digits that would be more than 50 years ahead are of the past century. */
function fullYear(digits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + digits
  return year > thisYear + 50 ? year - 100 : year
}
