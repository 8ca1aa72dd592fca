import { expect } from 'vitest'
import { DATA_TYPES } from '../../src/config/dlt/columns.ts'
import { safeFields } from '../../src/http/safe-fields.ts'
import { joinUrl } from '../../src/http/url.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json.ts'
import { renderText, renderValue } from '../../src/render-template.ts'
import { coerce } from '../../src/schema/coerce.ts'
import { applyLag } from '../../src/sync/incremental/cursor-value.ts'
import { isSingleEntityPath } from '../../src/template.ts'
import type { UnitCase } from './cases.ts'

/** Our function for each of the cases', called with the columns of their tables. */
const functions: Record<string, (...args: JsonValue[]) => JsonValue> = {
  join_url: (base, path) => joinUrl(String(base), String(path)),
  redact_url: (url) => {
    const request = { method: 'GET', url: String(url), pathTemplate: String(url), params: {}, headers: {} }
    const { origin, pathTemplate } = safeFields(request)
    return `${origin}${pathTemplate}`
  },
  is_single_entity_path: (path) => isSingleEntityPath(String(path)),
  expand_placeholders: (template = null, values = null, preserveType) => {
    const lookup = (expression: string) => (values as JsonObject)[expression]
    return preserveType ? renderValue(template, lookup) : renderTexts(template, lookup)
  },
  apply_lag: (lag, value, func) => applyLag(value as string | number, Number(lag), func as 'max' | 'min'),
  coerce_value: (to, _from, value = null) => {
    const type = DATA_TYPES.get(String(to))
    return type ? coerce(value, type) : value
  },
}

/** Every row of the table; `{"$error": true}` as its result is a failure. */
export async function runUnit({ function: name, table }: UnitCase): Promise<void> {
  const call = functions[name]
  if (call === undefined) throw new Error(`We have no ${name} yet`)
  for (const row of table) {
    const result = row.at(-1)
    const run = () => call(...row.slice(0, -1))
    const label = `${name}(${JSON.stringify(row.slice(0, -1))})`
    if (isJsonObject(result) && result.$error === true) expect(run, label).toThrow()
    else expect(run(), label).toEqual(result)
  }
}

/** Every text in a value, filled as text: what params, headers and forms get. */
function renderTexts(template: JsonValue, lookup: (expression: string) => JsonValue | undefined): JsonValue {
  if (Array.isArray(template)) return template.map((each) => renderTexts(each, lookup))
  if (isJsonObject(template)) {
    return Object.fromEntries(Object.entries(template).map(([key, each]) => [key, renderTexts(each, lookup)]))
  }
  return typeof template === 'string' ? renderText(template, lookup) : template
}
