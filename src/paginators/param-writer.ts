import { SynclineError } from '../errors.ts'
import type { ParamValue, RequestSpec } from '../http/request.ts'
import { isJsonObject, type JsonObject, type JsonValue, own } from '../json.ts'

/** Writes the value of a parameter into a copy of a request. */
export type ParamWriter = (request: RequestSpec, value: string | number | boolean) => RequestSpec

/** Writes to the query parameter `param` or, if there is a `bodyPath`, there in the JSON body instead. */
export function paramWriter(param: string, bodyPath?: string): ParamWriter {
  if (bodyPath === undefined) {
    return (request, value: ParamValue) => ({ ...request, params: { ...request.params, [param]: value } })
  }
  const keys = bodyPath.split('.')
  return (request, value) => ({ ...request, json: write(request.json, keys, value, bodyPath) })
}

function write(target: JsonValue | undefined, [key, ...rest]: string[], value: JsonValue, bodyPath: string): JsonValue {
  if (key === undefined) return value
  if (target !== undefined && target !== null && !isJsonObject(target)) {
    throw new SynclineError('config_invalid', `the body has something else than an object on the way to ${bodyPath}`, {
      hint: "Change the paginator's body path or the endpoint's json.",
    })
  }
  const object: JsonObject = target ?? {}
  return { ...object, [key]: write(own(object, key), rest, value, bodyPath) }
}
