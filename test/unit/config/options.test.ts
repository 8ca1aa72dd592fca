import * as v from 'valibot'
import { expect, test } from 'vitest'
import { choiceSchema, optionsSchema } from '../../../src/config/options.ts'

interface PingOptions {
  type: 'ping'
  every: number
  name?: string
}

interface PongOptions {
  type: 'pong'
  to: string
}

const ping = optionsSchema<PingOptions>()({
  type: v.literal('ping'),
  every: v.number(),
  name: v.optional(v.string()),
})
const pong = optionsSchema<PongOptions>()({ type: v.literal('pong'), to: v.string() })
const choice = choiceSchema<PingOptions | PongOptions>(
  new Map<string, v.GenericSchema<unknown>>([
    ['ping', ping],
    ['pong', pong],
  ]),
)

const issues = (schema: v.GenericSchema<unknown>, input: unknown) =>
  v.safeParse(schema, input).issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.expected}`) ?? []

test('an options schema takes what the interface says and refuses unknown keys', () => {
  expect(issues(ping, { type: 'ping', every: 1 })).toEqual([])
  expect(issues(ping, { type: 'ping', every: 1, name: 'n' })).toEqual([])
  expect(issues(ping, { type: 'ping', every: '1' })).toEqual(['every: number'])
  expect(issues(ping, { type: 'ping', every: 1, nmae: 'n' })).toEqual(['nmae: never'])
})

test('a choice asks only the schema that type names', () => {
  expect(issues(choice, { type: 'ping', every: '1' })).toEqual(['every: number'])
  expect(issues(choice, { to: 1 })).toEqual(['type: "type"'])
  expect(issues(choice, { type: 'pang', to: 1 })).toEqual(['type: ("ping" | "pong")'])
  expect(issues(choice, 7)).not.toEqual([])
  expect(issues(choice, { type: 'constructor' })).toEqual(['type: ("ping" | "pong")'])
})

test('an interface and its schema cannot drift', () => {
  const options = optionsSchema<PingOptions>()
  // @ts-expect-error a key is missing
  options({ type: v.literal('ping'), name: v.optional(v.string()) })
  // @ts-expect-error another type
  options({ type: v.literal('ping'), every: v.string(), name: v.optional(v.string()) })
  // @ts-expect-error a narrower type
  options({ type: v.literal('ping'), every: v.literal(1), name: v.optional(v.string()) })
  // @ts-expect-error a key that the interface does not have
  options({ type: v.literal('ping'), every: v.number(), name: v.optional(v.string()), more: v.number() })
  // @ts-expect-error an optional key that the schema demands
  options({ type: v.literal('ping'), every: v.number(), name: v.string() })
  // @ts-expect-error a key that the interface demands
  options({ type: v.literal('ping'), every: v.optional(v.number()), name: v.optional(v.string()) })
})
