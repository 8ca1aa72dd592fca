import type { CursorValue, Incremental, Resource } from '../../config/resolved.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import type { Lookup } from '../../render-template.ts'
import type { Window } from './incremental.ts'

/** What placeholders find: fields of the parent under their path, and the window of the cursor in dlt's words. */
export function lookupFor(
  { parent, endpoint }: Resource,
  bindings: JsonObject,
  window: Window,
  token: CursorValue | undefined = endpoint.token?.initialValue,
): Lookup {
  const values = new Map<string, JsonValue | undefined>()
  for (const [path, value] of Object.entries(bindings)) values.set(`resources.${parent}.${path}`, value)
  values.set('incremental.token', token)
  const { incremental } = endpoint
  if (incremental !== undefined) {
    for (const [name, value] of Object.entries(incrementalValues(incremental, window))) {
      values.set(`incremental.${name}`, value)
      values.set(`incremental.${name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`, value)
    }
  }
  return (expression) => values.get(expression)
}

function incrementalValues({ initialValue, lag, convert = (value) => value }: Incremental, window: Window) {
  const converted = (value: string | number | undefined) => (value === undefined ? undefined : convert(value))
  return {
    start_value: converted(window.start),
    last_value: converted(window.last),
    initial_value: converted(initialValue),
    end_value: converted(window.end),
    lag,
  }
}
