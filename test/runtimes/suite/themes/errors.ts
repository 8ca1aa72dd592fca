import { createClient, type ErrorCode, isSynclineError } from 'syncline'
import { type Situation, situations } from '../../../integration/error-codes.ts'
import { CANARY, leaks } from '../../../support/canaries.ts'
import { equal, ok } from '../assert.ts'
import { fakePorts } from '../ports.ts'
import type { Case, Theme } from '../suite.ts'

/** The statuses of a step that stand for the codes that are not thrown. */
const STATUSES: Partial<Record<ErrorCode, string[]>> = {
  budget_exceeded: ['more', 'wait'],
  needs_confirmation: ['needs_confirmation'],
}

/** Each code in all situations that the other tests know of, and no secret in any of its errors. */
export const errors: Theme = {
  name: 'error codes',
  cases: (Object.keys(situations) as ErrorCode[]).map((code): Case => {
    const all = Object.entries<Situation>(situations[code])
    const everywhere = all.filter(([, { inFiles }]) => !inFiles)
    return {
      name: code,
      ...(everywhere.length === 0 && { needs: ['files'] as const }),
      async run({ platform }) {
        await loadParts()
        const checked = async ([name, situation]: [string, Situation]) => {
          await check(code, name, situation).catch((error) => {
            throw new Error(`${name}: ${error instanceof Error ? error.message : error}`)
          })
        }
        const here = 'files' in platform.stores ? all : everywhere
        // Some change globals, so they take turns; those that wait for deadlines wait together.
        if (code === 'timeout') await Promise.all(here.map(checked))
        else for (const each of here) await checked(each)
      },
    }
  }),
}

async function check(code: ErrorCode, name: string, situation: Situation): Promise<void> {
  if (name === 'quarantine' || code in STATUSES) {
    const result = (await situation()) as { status?: string; report?: object }
    if (code in STATUSES) ok(STATUSES[code]?.includes(result.status ?? '') ?? false, `status ${result.status}`)
    return equal(leaks(CANARY, result), [])
  }
  const error = await situation().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isSynclineError(error)) throw error ?? new Error('no error')
  equal(error.code, code)
  ok(error.hint !== undefined || error.path !== undefined, 'neither a hint nor a path')
  equal(leaks(CANARY, error, error.stack), [])
}

/** What is loaded on demand, so that no deadline of a case runs while a part is on its way. */
async function loadParts(): Promise<void> {
  const auth = {
    type: 'oauth2_client_credentials',
    accessTokenUrl: 'https://api.example.com/t',
    clientId: 'a',
    clientSecret: 'b',
  }
  const fetch = async (url: string) => Response.json(url.endsWith('/t') ? { access_token: 't' } : [{ id: 1 }])
  const config = { baseUrl: 'https://api.example.com', auth } as const
  for await (const _ of createClient(config as never, { ports: fakePorts({ fetch }) }).paginate({ path: '/items' }));
}
