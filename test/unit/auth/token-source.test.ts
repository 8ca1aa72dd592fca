import { expect, test } from 'vitest'
import type { Auth, AuthContext, SignableRequest } from '../../../src/auth/auth.ts'
import { bearerFrom } from '../../../src/auth/oauth/token-source.ts'

/** A token endpoint that answers when it is told to, and heeds no signal. */
function heldSource(singleUse: boolean) {
  const answers: ((token: string) => void)[] = []
  const signals: (AbortSignal | undefined)[] = []
  const auth = bearerFrom({
    defaultExpiration: undefined,
    singleUse,
    fetch({ signal }) {
      signals.push(signal)
      return new Promise((resolve) => {
        answers.push((accessToken) => resolve({ accessToken, validMs: undefined, refreshToken: undefined }))
      })
    },
  })
  return { auth, answers, signals }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

function sign(auth: Auth, signal?: AbortSignal): Promise<string | null> {
  const context: AuthContext = { signal, now: () => 0, post: () => Promise.reject(new Error('unused')) }
  const request: SignableRequest = {
    method: 'GET',
    url: new URL('https://api.example.com'),
    headers: new Headers(),
    body: undefined,
  }
  return Promise.resolve(auth.sign(request, context)).then(({ headers }) => headers.get('authorization'))
}

test('who comes when all have left asks anew, even if the call that was left does not end', async () => {
  const { auth, answers, signals } = heldSource(false)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch((reason: unknown) => reason)
  leaving.abort('left')
  expect(await left).toBe('left')
  expect(signals[0]?.aborted).toBe(true)
  const next = sign(auth)
  answers[1]?.('second')
  expect(await next).toBe('Bearer second')
})

test('who comes when all have left joins a call that goes on, as what it sends may be used only once', async () => {
  const { auth, answers, signals } = heldSource(true)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch((reason: unknown) => reason)
  leaving.abort('left')
  expect(await left).toBe('left')
  expect(signals[0]?.aborted).toBe(false)
  const next = sign(auth)
  answers[0]?.('first')
  expect(await next).toBe('Bearer first')
  expect(signals).toHaveLength(1)
})

test('who has left already asks for nothing that goes on, and takes nothing from others', async () => {
  const { auth, answers, signals } = heldSource(false)
  await expect(sign(auth, AbortSignal.abort('gone'))).rejects.toBe('gone')
  expect(signals[0]?.aborted).toBe(true)
  const waiting = sign(auth)
  await expect(sign(auth, AbortSignal.abort('gone'))).rejects.toBe('gone')
  answers[1]?.('second')
  expect(await waiting).toBe('Bearer second')
  expect(signals).toHaveLength(2)
})

test('a token that comes when all have left is kept from none: it is used', async () => {
  const { auth, answers } = heldSource(true)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch(() => {})
  leaving.abort()
  await left
  answers[0]?.('first')
  await settle()
  expect(await sign(auth)).toBe('Bearer first')
})

test('no listener stays on the signal of a run', async () => {
  const { auth, answers } = heldSource(false)
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener)
  signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener)
  const signed = sign(auth, signal)
  expect(listeners.size).toBe(1)
  answers[0]?.('first')
  await signed
  await settle()
  expect(listeners.size).toBe(0)
})
