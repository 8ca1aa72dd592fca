import type { ActionResult, ResponseAction, ResponseInfo } from '../config/resolved.ts'
import { SynclineError } from '../errors.ts'
import type { JsonValue } from '../json.ts'
import type { BodyFault, ParsedBody } from './body.ts'

interface Verdict {
  readonly result?: ActionResult
  /** The body, if it had to be read. */
  readonly read: ParsedBody | BodyFault | undefined
}

/** True when the actions have to see the body of a response with this status. */
export function actionsNeedText(actions: readonly ResponseAction[], status: number): boolean {
  return actions.some(
    ({ statusCode, action, ...conditions }) =>
      appliesTo(statusCode, status) && (Object.keys(conditions).length > 0 || typeof action === 'function'),
  )
}

/**
 * What the first action says whose conditions all hold; a function that returns nothing leaves it to the next.
 *
 * @param json Strict JSON, of the whole text.
 */
export async function decideAction(
  actions: readonly ResponseAction[],
  response: ResponseInfo,
  json: (text: string) => ParsedBody | BodyFault,
): Promise<Verdict> {
  let read: ParsedBody | BodyFault | undefined
  for (const { statusCode, content = '', find, equals, action } of actions) {
    if (!appliesTo(statusCode, response.status) || !response.text.includes(content)) continue
    if (find !== undefined) {
      read ??= json(response.text)
      if ('code' in read || !find(read.value).some((match) => holds(match, equals))) continue
    }
    const result = typeof action === 'function' ? await action(response) : action
    if (!result) continue
    if (ACTIONS.includes(result)) return { result, read }
    throw new SynclineError('response_rejected', 'a function of endpoint.responseActions returned no action', {
      hint: `Return one of ${ACTIONS.join(', ')}, or nothing.`,
    })
  }
  return { read }
}

const ACTIONS: readonly ActionResult[] = ['ignore', 'retry', 'fail', 'rate_limited']

function appliesTo(statusCode: number | undefined, status: number): boolean {
  return statusCode === undefined || statusCode === status
}

/** Of fields such as `error` or `errors`, APIs say in all these ways that there is none. */
function holds(value: JsonValue, equals: ResponseAction['equals']): boolean {
  if (equals !== undefined) return value === equals
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : !!value
}

/** Text that may be broken. */
export function decodeLeniently(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
