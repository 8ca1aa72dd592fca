import { parseArgs } from 'node:util'
import { SynclineError } from '../index.ts'

export interface Args {
  command: keyof typeof COMMANDS | 'help' | 'version'
  /** As many as the command needs, at least. */
  positionals: string[]
  /** `--to` or `--from`; empty for commands that have neither. */
  dir: string
  dataset: string | undefined
  /** What `schema` is printed as; a table where it is not given. */
  as: Format | undefined
  resources: string[] | undefined
  limit: number | undefined
  confirm: string | undefined
  full: boolean
  /** `replay`: take what a contract has refused. */
  evolve: boolean
  json: boolean
  quiet: boolean
  yes: boolean
}

const FORMATS = ['typescript', 'json-schema', 'valibot'] as const
type Format = (typeof FORMATS)[number]

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

const OPTIONS = {
  to: text,
  from: text,
  dataset: text,
  as: text,
  resource: { type: 'string', multiple: true },
  limit: text,
  confirm: text,
  full: flag,
  evolve: flag,
  json: flag,
  quiet: flag,
  yes: flag,
  help: { ...flag, short: 'h' },
  version: { ...flag, short: 'v' },
} as const

interface Spec {
  arguments: string[]
  /** How many of the arguments must be there. */
  needs: number
  /** The option that says where the copy is. */
  dir?: 'to' | 'from'
  options: string[]
}

const COMMANDS = {
  sync: {
    arguments: ['config'],
    needs: 1,
    dir: 'to',
    options: ['dataset', 'resource', 'full', 'limit', 'confirm', 'json', 'quiet'],
  },
  show: { arguments: ['table', 'key'], needs: 0, dir: 'from', options: ['dataset', 'limit', 'json'] },
  check: { arguments: ['config'], needs: 1, options: ['json'] },
  schema: { arguments: ['table'], needs: 0, dir: 'from', options: ['dataset', 'as', 'json'] },
  replay: {
    arguments: ['config'],
    needs: 1,
    dir: 'to',
    options: ['dataset', 'resource', 'evolve', 'json'],
  },
  reset: { arguments: [], needs: 0, dir: 'from', options: ['dataset', 'yes'] },
} satisfies Record<string, Spec>

/** What was asked for. Throws `config_invalid` where the command line makes no sense. */
export function parseCommandLine(argv: readonly string[]): Args {
  const { values, positionals: all, tokens } = parse(argv)
  const [command = 'help', ...positionals] = all
  const { to, from, resource: resources, limit, as, help, version, ...rest } = values
  const read = { limit: wholeNumber(limit), as: format(as) }
  const args = {
    positionals,
    dir: to ?? from ?? '',
    resources,
    dataset: undefined,
    confirm: undefined,
    ...rest,
    ...read,
  }
  if (version && !help) return { command: 'version', ...args }
  if (help || command === 'help') return { command: 'help', ...args }
  if (!isCommand(command)) throw wrong(`There is no command ${JSON.stringify(command)}`)
  // Beside the folder, `schema` needs nothing: it may come first, without its option.
  if (command === 'schema' && from === undefined) args.dir = positionals.shift() ?? ''
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
  expectFit(`syncline ${command}`, COMMANDS[command], positionals, given)
  if ('dir' in COMMANDS[command] && args.dir === '') {
    throw wrong(`syncline ${command} needs --${COMMANDS[command].dir} <dir>, which must not be empty`)
  }
  return { command, ...args }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true })
  } catch (error) {
    // The first sentence names the option; the rest is advice for whoever wrote the program.
    throw wrong(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'The options make no sense')
  }
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name)
}

function expectFit(command: string, spec: Spec, positionals: string[], given: string[]): void {
  const { arguments: names, needs, dir, options } = spec
  if (positionals.length < needs) throw wrong(`${command} needs a <${names[positionals.length]}>`)
  const extra = positionals[names.length]
  if (extra !== undefined) throw wrong(`${command} has one argument too many, ${JSON.stringify(extra)}`)
  const foreign = given.find((option) => option !== dir && !options.includes(option))
  if (foreign !== undefined) throw wrong(`${command} has no option --${foreign}`)
}

function wholeNumber(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(value)) throw wrong('--limit must be a whole number above 0')
  return Number(value)
}

function format(value: string | undefined): Format | undefined {
  const known = FORMATS.find((each) => each === value)
  if (value !== undefined && known === undefined) throw wrong(`--as must be one of ${FORMATS.join(', ')}`)
  return known
}

function wrong(what: string): SynclineError {
  return new SynclineError('config_invalid', what, { hint: 'Run `syncline help` to see what there is.' })
}
