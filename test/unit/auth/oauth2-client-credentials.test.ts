import { expect, test } from 'vitest'
import { CLIENT, form, granted, used, world } from './token-world.ts'

test('client credentials go into the form, and the token into the request', async () => {
  const { send, tokens, requests, log } = world(
    { ...CLIENT, accessTokenRequestData: { scope: 'a b', grant_type: 'own' } },
    granted(),
  )
  await send()
  expect(tokens[0]).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    init: { redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
  })
  expect(form(tokens[0])).toEqual({ client_id: 'cid', client_secret: 'sec', grant_type: 'own', scope: 'a b' })
  expect(used(requests)).toEqual(['Bearer A1'])
  expect(log.requests).toBe(2)
})

test('client credentials in Authorization are encoded as in a form before they are joined (RFC 6749, 2.3.1)', async () => {
  const { send, tokens } = world(
    { ...CLIENT, clientId: 'a:b é', clientSecret: () => 'p+q&r', clientAuthentication: 'basic' },
    granted(),
  )
  await send()
  expect(tokens[0]?.headers.authorization).toBe(`Basic ${btoa('a%3Ab+%C3%A9:p%2Bq%26r')}`)
  expect(form(tokens[0])).toEqual({ grant_type: 'client_credentials' })
})

test('an empty client secret is sent: some endpoints give it to public clients', async () => {
  const { send, tokens } = world({ ...CLIENT, clientSecret: '', clientAuthentication: 'basic' }, granted())
  await send()
  expect(tokens[0]?.headers.authorization).toBe(`Basic ${btoa('cid:')}`)
})
