/** Control characters and those that turn the direction of text: data must not drive the terminal. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Two columns wide in terminals: CJK, Hangul, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Drawn onto the character before. */
const ZERO_WIDTH = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u

/** Text from outside, fit for one line of a terminal. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => JSON_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const JSON_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** JSON that is safe to print: what `JSON.stringify` leaves as it is, but a terminal would obey, is escaped. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent)
    .split('\n')
    .map((line) => printable(line))
    .join('\n')
}

/** The columns that a text takes in a terminal, as far as that can be known. */
export function width(text: string): number {
  let columns = 0
  for (const char of text) columns += ZERO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1
  return columns
}

/** At most `columns` wide; what was cut is shown as `…`. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let kept = ''
  let used = 1
  for (const char of text) {
    used += width(char)
    if (used > columns) break
    kept += char
  }
  return `${kept}…`
}

export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)))
  return align === 'right' ? space + text : text + space
}

/** `25,000` */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** `1 row`, `2 rows` */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `850 ms`, `2.3 s` */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
