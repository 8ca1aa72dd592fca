import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, isSynclineError, type SynclineError } from '../../src/index.ts'
import { CANARY, leaks } from '../support/canaries.ts'
import { type Situation, situations } from './error-codes.ts'

const ENTRY = /^`(\w+)`\n\n\S.*?\n\n- \*\*Carries:\*\* (.*?)\n- \*\*Do:\*\* \S/s

/** What `docs/errors.md` says that the errors of each code carry. */
const documented = readCarried(readFileSync('docs/errors.md', 'utf8'))

/** The statuses of a step that stand for the codes that are not thrown. */
const STATUSES: Partial<Record<ErrorCode, string[]>> = {
  budget_exceeded: ['more', 'wait'],
  needs_confirmation: ['needs_confirmation'],
}

describe.each(Object.keys(situations) as ErrorCode[])('%s', (code) => {
  const all: [name: string, situation: Situation][] = Object.entries(situations[code])
  const carried = documented.get(code)
  const seen: string[][] = []

  test.each(all)('%s', async (name, situation) => {
    if (name === 'quarantine') {
      const { quarantined } = (await situation()) as { quarantined: object[] }
      expect(quarantined).toEqual(quarantined.map(() => ({ code, reason: expect.stringMatching(/./) })))
      expect(leaks(CANARY, quarantined)).toEqual([])
      return
    }
    const fields = code in STATUSES ? await resultOf(situation, code) : await errorOf(situation, code)
    const always = carried?.always.filter((field) => field !== 'resource' || !name.startsWith('client:')) ?? []
    expect(fields).toEqual(expect.arrayContaining(always))
    expect([...always, ...(carried?.perhaps ?? []), ...(carried?.also ?? [])]).toEqual(expect.arrayContaining(fields))
    seen.push(fields)
  })

  test('it is provoked, and what it carries perhaps, it carries in one of these situations and not in another', () => {
    expect(all).not.toEqual([])
    for (const field of carried?.perhaps ?? []) {
      expect([field, seen.some((fields) => fields.includes(field))]).toEqual([field, true])
      expect([field, seen.every((fields) => fields.includes(field))]).toEqual([field, false])
    }
  })
})

test('the entries of docs/errors.md are read as they are meant', () => {
  expect(documented.get('rate_limited')).toEqual({
    always: ['resource', 'method', 'origin', 'pathTemplate', 'attempt', 'status', 'retryable'],
    perhaps: ['retryAt'],
    also: [],
  })
  expect(documented.get('store_corrupt')).toEqual({ always: [], perhaps: [], also: ['resource'] })
  expect([...documented.keys()]).toEqual(Object.keys(situations))
})

/** The fields of the error, beside those that all have. It has the code, a hint, and no secret. */
async function errorOf(situation: Situation, code: ErrorCode): Promise<string[]> {
  const error = await situation().then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  )
  if (!isSynclineError(error)) throw error
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringContaining(error.what) })
  expect(leaks(CANARY, error, error.stack)).toEqual([])
  const { name: _, code: __, what: ___, report, hint, ...fields } = error
  if (fields.path === undefined) expect(hint).toMatch(/\w[.?:`'"]/)
  // Of no use to anybody, and not to be told apart from one that is not there.
  if (fields.retryable === false) Reflect.deleteProperty(fields, 'retryable')
  expect(typesOf(fields)).toEqual(typesOf(TYPES, Object.keys(fields)))
  return Object.keys(fields)
}

async function resultOf(situation: Situation, code: ErrorCode): Promise<string[]> {
  const { status, report, ...fields } = (await situation()) as { status: string; report: object }
  expect(STATUSES[code]).toContain(status)
  expect(leaks(CANARY, report, fields)).toEqual([])
  return Object.keys(fields)
}

const TYPES: Partial<Record<keyof SynclineError, unknown>> = {
  ...{ path: '', resource: '', method: '', origin: '', pathTemplate: '', status: 0, attempt: 0 },
  ...{ retryable: true, retryAt: 0, confirm: '' },
}

function typesOf(fields: object, names = Object.keys(fields)): string[] {
  return names.map((name) => `${name}: ${typeof Reflect.get(fields, name)}`)
}

interface Carried {
  always: string[]
  perhaps: string[]
  /** What the text above the entries allows all of a section. */
  also: string[]
}

/** From the list item “Carries” of each entry: the names in it, those after “perhaps” apart, remarks in brackets left out. */
function readCarried(page: string): Map<string, Carried> {
  const carried = new Map<string, Carried>()
  for (const section of page.split(/^## /m)) {
    const [intro = '', ...entries] = section.split(/^### /m)
    for (const entry of entries) {
      const [, code = '', text = ''] = ENTRY.exec(entry) ?? []
      const [always = '', perhaps = ''] = text.replaceAll(/\([^)]*\)/g, '').split('perhaps')
      const also = intro.includes('these may carry `resource`') ? ['resource'] : []
      carried.set(code, { always: fieldsIn(always), perhaps: fieldsIn(perhaps), also })
    }
  }
  return carried
}

function fieldsIn(text: string): string[] {
  const names = text.replaceAll(/\s+/g, ' ').replace('the request', '`method`, `origin`, `pathTemplate`')
  return [...names.matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? [])
}
