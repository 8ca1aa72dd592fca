import type { ActionResult, ResponseAction, ResponseInfo } from '../config/resolved.ts'

/** True when the actions have to see the body of a response with this status. */
export function actionsNeedText(actions: readonly ResponseAction[], status: number): boolean {
  return actions.some(
    (action) => appliesTo(action, status) && (action.content !== undefined || typeof action.action === 'function'),
  )
}

/** What the first action says whose conditions all hold; a function that returns nothing leaves it to the next. */
export async function decideAction(actions: readonly ResponseAction[], response: ResponseInfo): Promise<ActionResult> {
  for (const { action, ...conditions } of actions) {
    if (!appliesTo(conditions, response.status) || !response.text.includes(conditions.content ?? '')) continue
    const result = typeof action === 'function' ? await action(response) : action
    if (result !== undefined) return result
  }
  return undefined
}

function appliesTo({ statusCode }: Pick<ResponseAction, 'statusCode'>, status: number): boolean {
  return statusCode === undefined || statusCode === status
}
