import type { Auth } from '../auth/auth.ts'
import { type AuthConfig, createAuth } from '../auth/index.ts'
import { isPlainObject } from '../json.ts'

/** A client gets its endpoints one by one, and may be given new functions with each. */
const MOST = 1000

/**
 * One `Auth` for all configs that say the same, in whatever places: they share its tokens. A refresh token that each used
 * for itself would be used more than once, for which many endpoints revoke them all.
 */
export function sharedAuth(): (config: AuthConfig | null | undefined) => Auth | undefined {
  const made = new Map<string, Auth>()
  const numbers = new WeakMap<object, number>()
  let functions = 0
  const told = (_: string, value: unknown) => {
    if (isPlainObject(value)) return Object.fromEntries(Object.entries(value).sort())
    if (typeof value !== 'function') return value
    const number = numbers.get(value) ?? functions++
    numbers.set(value, number)
    return { function: number }
  }
  return (config) => {
    if (!config) return undefined
    const key = JSON.stringify(config, told)
    const auth = made.get(key) ?? createAuth(config)
    // The one that was used last is the last to go.
    made.delete(key)
    made.set(key, auth)
    if (made.size > MOST) made.delete([...made.keys()][0] ?? '')
    return auth
  }
}
