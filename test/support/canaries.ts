import { inspect } from 'node:util'

/** A secret that is easy to find again: it has characters that every encoding changes. */
export const CANARY = 'cAn4ry/+=&"ü-7f3e9d'

/** The forms in which a secret may appear in text: as it is, percent-encoded, escaped, in hex, in base64. */
export function encodings(secret: string): string[] {
  const bytes = [...new TextEncoder().encode(secret)]
  const percent = encodeURIComponent(secret)
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  // Within a longer text base64 has three forms, by where the secret begins; their ends depend on the neighbours.
  const shifted = [0, 1, 2].map((shift) => {
    const whole = [shift === 0 ? 0 : 4, Math.floor((shift + bytes.length) / 3) * 4] as const
    return btoa(String.fromCharCode(...Array(shift).fill(0), ...bytes)).slice(...whole)
  })
  return [
    secret,
    percent,
    percent.replace(/%../g, (code) => code.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...shifted.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]),
  ]
}

/** Everything that a log, a tool or a person may see of a value: texts, stacks, causes, hidden and computed properties. */
export function visible(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function' || typeof value !== 'object' || value === null || seen.has(value))
    return String(value)
  seen.add(value)
  const texts = [attempt(() => String(value))]
  // Plain values within others have been shown by those.
  if (seen.size === 1 || !isPlain(value)) {
    const options = { depth: 12, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null }
    texts.push(
      attempt(() => JSON.stringify(value) ?? ''),
      attempt(() => inspect(value, options)),
    )
  }
  if (value instanceof Headers) texts.push(JSON.stringify([...value]))
  for (
    let object: object | null = value;
    object !== null && object !== Object.prototype && object !== Array.prototype;
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

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}

function attempt(make: () => string): string {
  try {
    return make()
  } catch {
    return ''
  }
}

/**
 * The forms in which a secret shows in things: in a message, a stack, a field (hidden and computed ones too), in JSON. An
 * empty list is what a test wants to see.
 *
 * @example
 * expect(leaks(CANARY, error)).toEqual([])
 */
export function leaks(secret: string, ...things: readonly unknown[]): string[] {
  const texts = things.map((thing) => visible(thing))
  return encodings(secret).filter((form) => texts.some((text) => text.includes(form)))
}

/** As `leaks`, for many secrets at once: the names of those that show, each with the form. */
export function leaksAmong(secrets: Readonly<Record<string, string>>, ...things: readonly unknown[]): string[] {
  const text = things.map((thing) => visible(thing)).join('\n')
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).flatMap((form) => (text.includes(form) ? [`${name}: ${form}`] : [])),
  )
}

const known = new Map<string, string[]>()

function formsOf(secret: string): string[] {
  const forms = known.get(secret) ?? encodings(secret)
  known.set(secret, forms)
  return forms
}
