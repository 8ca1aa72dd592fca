import type { Issue, Path } from '../issues.ts'

export type Dict = Readonly<Record<string, unknown>>
export type Report = (issue: Issue) => void

/** Brings the value of one key into our form; `undefined` leaves the key out. */
export type Convert = (value: unknown, path: Path) => unknown

export const camelCase = (key: string) => key.replace(/_([a-z\d])/g, (_, sign: string) => sign.toUpperCase())
export const snakeCase = (key: string) => key.replace(/[A-Z]/g, (sign) => `_${sign.toLowerCase()}`)

/** The options of a dict under our names, the values converted or as they are. Whether we know the names, our schemas say. */
export function renamed(
  dict: Dict,
  path: Path,
  report: Report,
  converters: Readonly<Record<string, Convert>> = {},
): Record<string, unknown> {
  const options = Object.entries(dict).map(([key, value]) => {
    const at = [...path, camelCase(key)]
    if (key !== snakeCase(key))
      report({ path: [...path, key], what: `unknown option \`${key}\``, hint: `Write \`${snakeCase(key)}\`.` })
    const convert = Object.hasOwn(converters, key) ? converters[key] : undefined
    return [camelCase(key), convert ? convert(value, at) : value] as const
  })
  return Object.fromEntries(options.filter(([, value]) => value !== undefined))
}

/** dlt takes `None` for “not set” where we want the key left out. */
export const withoutNulls = (options: Dict, except?: string): Dict =>
  Object.fromEntries(Object.entries(options).filter(([key, value]) => value !== null || key === except))

export const without = (dict: Dict, keys: readonly string[]): Dict =>
  Object.fromEntries(Object.entries(dict).filter(([key]) => !keys.includes(key)))

/** Refuses what has a meaning in dlt that we do not have (yet). */
export function refuse(dict: Dict, keys: Readonly<Record<string, string>>, path: Path, report: Report): Dict {
  for (const [key, hint] of Object.entries(keys)) {
    if ((dict[key] ?? null) !== null)
      report({ path: [...path, key], what: 'no such feature yet', hint, code: 'not_implemented' })
  }
  return without(dict, Object.keys(keys))
}
