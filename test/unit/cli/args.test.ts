import { expect, test } from 'vitest'
import { parseCommandLine } from '../../../src/cli/args.ts'
import { isSynclineError } from '../../../src/errors.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''))

test('sync with everything', () => {
  const line =
    'sync crm.json --to ./data --resource a --resource b --full --limit 10 --json --quiet --dataset d --confirm t'
  expect(parse(line)).toMatchObject({
    command: 'sync',
    positionals: ['crm.json'],
    dir: './data',
    resources: ['a', 'b'],
    full: true,
    limit: 10,
    json: true,
    quiet: true,
    dataset: 'd',
    confirm: 't',
  })
})

test.each(['', 'help', '--help', 'sync --help', 'show -h'])('help by %j', (line) => {
  expect(parse(line).command).toBe('help')
})

test.each(['--version', '-v', 'sync --version'])('the version by %j', (line) => {
  expect(parse(line).command).toBe('version')
})

test.each([
  ['show transactions t_1 --from d', { command: 'show', positionals: ['transactions', 't_1'], dir: 'd' }],
  ['show --from d', { command: 'show', positionals: [], json: false, limit: undefined }],
  ['check crm.mjs --json', { command: 'check', positionals: ['crm.mjs'], json: true }],
  ['schema --from d --dataset x', { command: 'schema', dataset: 'x' }],
  ['schema t --from d --as json-schema', { command: 'schema', positionals: ['t'], as: 'json-schema' }],
  ['schema d --as valibot', { command: 'schema', positionals: [], dir: 'd', as: 'valibot' }],
  ['schema d t', { command: 'schema', positionals: ['t'], dir: 'd' }],
  ['reset --from d --yes', { command: 'reset', yes: true }],
])('%s', (line, expected) => {
  expect(parse(line)).toMatchObject(expected)
})

test.each([
  ['sink crm.json', /no command "sink"/],
  ['toString', /no command "toString"/],
  ['sync --to d', /needs a <config>/],
  ['sync crm.json', /needs --to <dir>/],
  ['sync crm.json --to=', /needs --to <dir>/],
  ['show', /needs --from <dir>/],
  ['show a b c --from d', /one argument too many, "c"/],
  ['schema', /needs --from <dir>/],
  ['schema d --from=', /needs --from <dir>/],
  ['schema d t u', /one argument too many, "u"/],
  ['show --from d --to d', /has no option --to/],
  ['schema --from d --yes', /has no option --yes/],
  ['sync crm.json --to d --ful', /--ful/],
  ['sync crm.json --to d --limit 0', /--limit must be/],
  ['sync crm.json --to d --limit 1e3', /--limit must be/],
])('refuses %j', (line, message) => {
  try {
    parse(line)
  } catch (error) {
    if (!isSynclineError(error, 'config_invalid')) throw error
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(/help/)
    return
  }
  expect.unreachable()
})
