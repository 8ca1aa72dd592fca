import { expect, test } from 'vitest'
import { showError } from '../../../src/cli/show-error.ts'
import { SynclineError } from '../../../src/errors.ts'

test('code, what happened where, and the hint on a line of its own', () => {
  const error = new SynclineError('http_status', 'The API refused the request', {
    resource: 'items',
    method: 'GET',
    origin: 'https://api.example.com',
    pathTemplate: '/v1/items',
    status: 401,
    hint: 'Check the key.',
  })
  expect(showError(error)).toBe(
    'Error http_status: items: The API refused the request (GET https://api.example.com/v1/items, status 401).\n' +
      '  Hint: Check the key.',
  )
})

test('without a hint there is no line for it', () => {
  expect(showError(new SynclineError('conflict', 'Somebody else wrote'))).toBe('Error conflict: Somebody else wrote.')
})

test('a hint of several lines stays one', () => {
  const error = new SynclineError('config_invalid', 'missing', { path: 'a', hint: '1 more mistake:\n- missing (b)' })
  expect(showError(error)).toBe('Error config_invalid: missing (a).\n  Hint: 1 more mistake:\n  - missing (b)')
})

test.each([new TypeError('secret-value'), 'secret-value'])('a foreign error shows its kind only: %o', (error) => {
  expect(showError(error)).not.toContain('secret-value')
})

test('an error cannot drive the terminal', () => {
  expect(showError(new SynclineError('config_invalid', 'a\u001b[2J'))).not.toContain('\u001b')
})
