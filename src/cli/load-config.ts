import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fromDlt } from '../config/dlt.ts'
import type { SourceConfig } from '../config/source-config.ts'
import { defineSource, isSynclineError, type Source, SynclineError } from '../index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { resolveEnvRefs } from './env-refs.ts'
import type { Io } from './io.ts'
import { kindOf } from './show-error.ts'

/**
 * The source in a file: the default export of a module, or JSON. Everything that is wrong with it is a
 * `SynclineError`, and none shows what is in the file.
 */
export async function loadConfig(file: string, env: Io['env']): Promise<Source> {
  const path = resolve(file)
  return extname(path) === '.json' ? fromJson(path, env) : fromModule(path)
}

async function fromJson(path: string, env: Io['env']): Promise<Source> {
  const file = basename(path)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refuse(`${file} cannot be read (${codeOf(error)})`, 'Is the path right? It counts from the current folder.')
  })
  const config = resolveEnvRefs(parseJson(text, file), env)
  if (!isJsonObject(config)) throw refuse(`${file} must hold one JSON object, a config`)
  return isDlt(config) ? fromDlt(config, { name: basename(path, '.json') }) : defineUnchecked(config)
}

function parseJson(text: string, file: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The message quotes the text, and there may be a secret in it: only the place is passed on.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = position === undefined ? '' : `, near line ${text.slice(0, Number(position)).split('\n').length}`
    throw refuse(`${file} is not valid JSON${line}`, 'Look for a missing comma, quote or bracket.')
  }
}

/** dlt's configs are in snake_case. */
function isDlt({ client }: JsonObject): boolean {
  return isJsonObject(client) && Object.hasOwn(client, 'base_url')
}

async function fromModule(path: string): Promise<Source> {
  const file = basename(path)
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw isSynclineError(error) ? error : cannotLoad(file, error)
  })
  const config: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (typeof config !== 'object' || config === null) {
    throw refuse(`${file} has no config`, 'Write: export default defineSource({ ... }), or export default { ... }.')
  }
  return isSource(config) ? config : defineUnchecked(config)
}

/** `defineSource` checks what it gets: the types are for those who write TypeScript. */
function defineUnchecked(config: object): Source {
  return defineSource(config as SourceConfig)
}

/** What `defineSource` gives does not show the config that it was made from. */
function isSource(config: object): config is Source {
  return !('client' in config || 'resources' in config)
}

function cannotLoad(file: string, error: unknown): SynclineError {
  const code = codeOf(error)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return refuse(
      `This runtime does not load ${file}`,
      'Use Node 22.18 or later, Deno or Bun for .ts, or write .js or .json.',
    )
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return refuse(
      `${file}, or a module that it imports, was not found`,
      'Is the path right, and are the packages installed?',
    )
  }
  // What a module throws may hold what is in it: only the kind of the error is passed on.
  return refuse(`${file} cannot be loaded: it threw ${code}`, `Run the file alone to see why.`)
}

/** The code of a system error, else the name of its class. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z][A-Z\d_]{1,40}$/.test(code) ? code : kindOf(error)
}

function refuse(what: string, hint?: string): SynclineError {
  return new SynclineError('config_invalid', what, { hint })
}
