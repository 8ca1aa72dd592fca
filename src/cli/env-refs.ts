import { SynclineError } from '../index.ts'
import { isJsonObject, type JsonValue } from '../json.ts'
import type { Io } from './io.ts'

/** A whole string of this form, so that no part of a URL, a path or a selector is taken for one. */
const REFERENCE = /^\$([A-Z_][A-Z0-9_]*)$/

/** The config with every string that is exactly `$NAME` read from the environment. `path`: where this value is. */
export function resolveEnvRefs(value: JsonValue, env: Io['env'], path = ''): JsonValue {
  if (Array.isArray(value)) return value.map((item, i) => resolveEnvRefs(item, env, `${path}[${i}]`))
  if (isJsonObject(value)) {
    const entries = Object.entries(value)
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolveEnvRefs(item, env, path ? `${path}.${key}` : key)]),
    )
  }
  const name = typeof value === 'string' ? REFERENCE.exec(value)?.[1] : undefined
  return name === undefined ? value : read(name, env, path)
}

function read(name: string, env: Io['env'], path: string): string {
  const value = env[name]
  if (value === undefined || value === '') {
    throw new SynclineError('config_invalid', `The environment variable ${name} is not set`, {
      path,
      hint: `Set it for this command: ${name}=... syncline ...`,
    })
  }
  return value
}
