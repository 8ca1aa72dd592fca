import * as v from 'valibot'
import { compilePath } from '../select/path.ts'
import { check, either, func, name } from './checks.ts'
import { optionsSchema } from './options.ts'
import { isScalar } from './param.ts'
import type { ResponseAction } from './resolved.ts'

/**
 * What a response with this status, with this text in its body or with this value in its JSON, means. dlt:
 * `response_actions`, without `jsonPath`.
 *
 * `ignore`: no data, and the end of the pages; `retry`: try again; `fail`: an error; `rate_limited`: wait and try again.
 * A function decides by itself, and leaves it to the next action by returning nothing.
 *
 * @example A parent without children answers 404
 * responseActions: [{ statusCode: 404, action: 'ignore' }]
 * @example Errors with status 200
 * responseActions: [
 *   { jsonPath: 'errors[*].extensions.code', equals: 'THROTTLED', action: 'rate_limited' },
 *   { jsonPath: 'errors', action: 'fail' },
 * ]
 */
export interface ResponseActionConfig {
  /** The status of the response. @default any */
  statusCode?: number
  /** A part of the body's text. @default any */
  content?: string
  /**
   * Where in the body, read as JSON, there is something: any match but `null`, `false`, `0`, `''` and what is empty;
   * or, with `equals`, that value. A path as in `dataSelector`. @default any body
   */
  jsonPath?: string
  /** The value that one match of `jsonPath` has; without a `jsonPath`, the body. */
  equals?: string | number | boolean | null
  action: ResponseAction['action']
}

/** A function alone is asked about every response. */
export type ResponseActionInput =
  | ResponseActionConfig
  | Extract<ResponseAction['action'], (...args: never[]) => unknown>

const actionFunction = func<Extract<ResponseAction['action'], (...args: never[]) => unknown>>()
const actionName = v.picklist(['ignore', 'retry', 'fail', 'rate_limited'])

const statusCode = check<number>('a number from 100 to 599', (input) => {
  return Number.isInteger(input) && Number(input) >= 100 && Number(input) < 600
})

const equals = check<string | number | boolean | null>('a string, a number, a boolean or null', (input) => {
  return input === null || isScalar(input)
})

const actionSchema = optionsSchema<ResponseActionConfig>()({
  statusCode: v.optional(statusCode),
  content: v.optional(name),
  jsonPath: v.optional(name),
  equals: v.optional(equals),
  action: either<ResponseAction['action']>((input) => (typeof input === 'function' ? actionFunction : actionName)),
})

export const responseActionSchema = either<ResponseActionInput>((input) =>
  typeof input === 'function' ? actionFunction : actionSchema,
)

/** @throws `selector_invalid` */
export function resolveAction(config: ResponseActionInput): ResponseAction {
  if (typeof config === 'function') return { action: config }
  const { jsonPath = config.equals === undefined ? undefined : '$' } = config
  return jsonPath === undefined ? config : { ...config, find: compilePath(jsonPath) }
}
