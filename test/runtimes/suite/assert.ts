import { type ErrorCode, isSynclineError, type SynclineError } from 'syncline'

/** Equal as JSON is, whatever the order of fields. */
export function equal(actual: unknown, expected: unknown, about = ''): void {
  const [is, should] = [canonical(actual), canonical(expected)]
  if (is !== should) throw new Error(`${about}${about && ': '}${short(is)}, not ${short(should)}`)
}

export function ok(condition: boolean, about: string): asserts condition {
  if (!condition) throw new Error(about)
}

/** Some fields of an object, and what they should be. */
export function has(actual: object | undefined, expected: object): void {
  equal(Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(actual ?? {}, key)])), expected)
}

/** The error with which it must end. */
export async function fails(work: Promise<unknown>, ...codes: ErrorCode[]): Promise<SynclineError> {
  const error = await work.then(
    (value) => new Error(`no error, but ${short(canonical(value))}`),
    (thrown: unknown) => thrown,
  )
  if (!isSynclineError(error)) throw error
  if (!codes.includes(error.code)) throw new Error(`${error.code}, not ${codes.join(' or ')}: ${error.message}`)
  return error
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === undefined) return '@undefined'
    if (typeof inner === 'bigint') return `@${inner}`
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
