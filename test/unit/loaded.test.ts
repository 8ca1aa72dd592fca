import { expect, test } from 'vitest'
import type { Auth, SignableRequest } from '../../src/auth/auth.ts'
import { onFirstUse } from '../../src/auth/token-auth.ts'
import { loaded } from '../../src/loaded.ts'

test('a part that cannot be loaded is a retryable error without what the platform says, which has a URL', async () => {
  const offline = loaded(Promise.reject(new TypeError('Failed to fetch dynamically imported module: https://x/a.js')))
  await expect(offline).rejects.toMatchObject({ code: 'network', retryable: true })
  await expect(offline).rejects.not.toThrow('https://')
})

test('an auth whose code could not be loaded is asked for again, and made once for all who ask at a time', async () => {
  let calls = 0
  const sign = (request: SignableRequest) => request
  const made: Auth[] = []
  const auth = onFirstUse(async () => {
    if (++calls === 1) return loaded(Promise.reject(new Error('offline')))
    made.push({ sign, refresh: async () => made.length === 2 })
    return made.at(-1) as Auth
  })
  const request = { method: 'GET', url: new URL('https://x/'), headers: new Headers(), body: undefined }
  const context = { signal: undefined, now: () => 0, post: async () => undefined }
  await expect(auth.sign(request, context)).rejects.toMatchObject({ code: 'network' })
  await Promise.all([auth.sign(request, context), auth.sign(request, context)])
  await auth.sign(request, context)
  expect(calls).toBe(3)
  expect(await auth.refresh?.(request, context)).toBe(true)
})
