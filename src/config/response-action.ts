import * as v from 'valibot'
import { check, either, func, name } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { ResponseAction } from './resolved.ts'

/**
 * What a response with this status, or with this text in its body, means. dlt: `response_actions`.
 *
 * `ignore`: no data, and the end of the pages; `retry`: try again; `fail`: an error; `rate_limited`: wait and try again.
 * A function decides by itself, and leaves it to the next action by returning nothing.
 *
 * @example A parent without children answers 404
 * responseActions: [{ statusCode: 404, action: 'ignore' }]
 */
export interface ResponseActionConfig {
  /** Default: any. */
  statusCode?: number
  /** A part of the body's text. Default: any. */
  content?: string
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

const actionSchema = optionsSchema<ResponseActionConfig>()({
  statusCode: v.optional(statusCode),
  content: v.optional(name),
  action: either<ResponseAction['action']>((input) => (typeof input === 'function' ? actionFunction : actionName)),
})

export const responseActionSchema = either<ResponseActionInput>((input) =>
  typeof input === 'function' ? actionFunction : actionSchema,
)

export const resolveAction = (config: ResponseActionInput): ResponseAction =>
  typeof config === 'function' ? { action: config } : config
