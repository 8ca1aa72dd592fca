import { inspect } from 'node:util'

/** A secret that is easy to find again: it has characters that every encoding changes. */
export const CANARY = 'cAn4ry/+=&"ü-7f3e9d'

/**
 * The ways in which a secret shows in a thing: in its message, its stack, its fields (hidden and computed ones too), its JSON; as it
 * is, percent-encoded, escaped for JSON, or in base64, base64url and hex. An empty list is what a test wants to see.
 *
 * @example
 * expect(leaks(CANARY, error)).toEqual([])
 */
export function leaks(secret: string, ...things: readonly unknown[]): string[] {
  const texts = things.map(everything)
  return encodings(secret)
    .filter(([, encoded]) => texts.some((text) => text.toLowerCase().includes(encoded.toLowerCase())))
    .map(([name]) => name)
}

function encodings(secret: string): [name: string, encoded: string][] {
  const bytes = Buffer.from(secret)
  return [
    ['plain', secret],
    ['percent', encodeURIComponent(secret)],
    ['form', new URLSearchParams([['', secret]]).toString().slice(1)],
    ['json', JSON.stringify(secret).slice(1, -1)],
    ['hex', bytes.toString('hex')],
    // In the midst of a longer text base64 has three forms; what is the same in each is enough to find it.
    ...[0, 1, 2].flatMap((shift): [string, string][] => {
      const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
      const whole = [shift === 0 ? 0 : 4, Math.floor(shifted.length / 3) * 4] as const
      return [
        ['base64', shifted.toString('base64').slice(...whole)],
        ['base64url', shifted.toString('base64url').slice(...whole)],
      ]
    }),
  ]
}

function everything(thing: unknown): string {
  if (typeof thing === 'string') return thing
  const stack = thing instanceof Error ? `${thing.message} ${thing.stack}` : ''
  return `${stack} ${inspect(thing, { depth: 20, showHidden: true, getters: true, maxStringLength: null })} ${JSON.stringify(thing)}`
}
