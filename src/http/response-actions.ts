import type { ActionResult, ResponseAction, ResponseInfo } from '../config/resolved.ts'
import { SynclineError } from '../errors.ts'
import type { JsonValue } from '../json.ts'
import { compilePath } from '../select/path.ts'

/** True when the actions have to see the body of a response with this status. */
export function actionsNeedText(actions: readonly ResponseAction[], status: number): boolean {
  return actions.some(
    ({ statusCode, content, jsonPath, action }) =>
      appliesTo(statusCode, status) && !(content === undefined && jsonPath === undefined && typeof action === 'string'),
  )
}

/**
 * What the first action says whose conditions all hold; a function that returns nothing leaves it to the next.
 *
 * @param body The body as JSON; `undefined` where it is none.
 */
export async function decideAction(
  actions: readonly ResponseAction[],
  response: ResponseInfo,
  body: () => JsonValue | undefined,
): Promise<ActionResult> {
  for (const { statusCode, content = '', jsonPath, equals, action } of actions) {
    if (!appliesTo(statusCode, response.status) || !response.text.includes(content)) continue
    if (jsonPath !== undefined && !finds(jsonPath, equals, body())) continue
    const result = typeof action === 'function' ? await action(response) : action
    if (!result) continue
    if (ACTIONS.includes(result)) return result
    throw new SynclineError('response_rejected', 'a function of endpoint.responseActions returned no action', {
      hint: `Return one of ${ACTIONS.join(', ')}, or nothing.`,
    })
  }
  return undefined
}

const ACTIONS: readonly ActionResult[] = ['ignore', 'retry', 'fail', 'rate_limited']

function appliesTo(statusCode: number | undefined, status: number): boolean {
  return statusCode === undefined || statusCode === status
}

function finds(path: string, equals: ResponseAction['equals'], body: JsonValue | undefined): boolean {
  const matches = body === undefined ? [] : compilePath(path)(body)
  return matches.some((match) => (equals === undefined ? saysSomething(match) : match === equals))
}

/** Of fields such as `error` or `errors`, APIs say in all these ways that there is none. */
function saysSomething(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : !!value
}
