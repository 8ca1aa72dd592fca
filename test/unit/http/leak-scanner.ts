import { inspect } from 'node:util'

/** The forms in which a secret may appear in text. */
export function encodings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
    Buffer.from(secret).toString('base64url').slice(0, -1),
    JSON.stringify(secret).slice(1, -1),
  ]
}

/** Everything that a log, a tool or a person may see of a value: texts, stacks, causes, hidden and computed properties. */
export function visible(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function' || typeof value !== 'object' || value === null || seen.has(value))
    return String(value)
  seen.add(value)
  const texts = [attempt(() => String(value)), attempt(() => JSON.stringify(value) ?? '')]
  texts.push(attempt(() => inspect(value, { depth: 12, showHidden: true, getters: true, maxStringLength: null })))
  if (value instanceof Headers) texts.push(JSON.stringify([...value]))
  for (
    let object: object | null = value;
    object !== null && object !== Object.prototype;
    object = Object.getPrototypeOf(object)
  ) {
    for (const key of Reflect.ownKeys(object)) {
      if (key === 'constructor') continue
      texts.push(
        String(key),
        attempt(() => visible(Reflect.get(value, key), seen)),
      )
    }
  }
  return texts.join('\n')
}

function attempt(make: () => string): string {
  try {
    return make()
  } catch {
    return ''
  }
}

/** The names of the canaries that can be found in a value. */
export function leaks(value: unknown, canaries: Record<string, string>): string[] {
  const text = visible(value)
  return Object.entries(canaries)
    .filter(([, secret]) => encodings(secret).some((form) => text.includes(form)))
    .map(([name]) => name)
}
