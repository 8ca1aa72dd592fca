import { isPlainObject } from '../../json.ts'
import { didYouMean, type Path, type Report } from '../issues.ts'
import { type Dict, renamed, without, withoutNulls } from './rename.ts'

/** Options of dlt's cursors that change nothing here: boundary rows are told apart by content, and nobody schedules us. */
const IDLE_CURSOR_OPTIONS = ['primary_key', 'allow_external_schedulers']

/** An endpoint, or the defaults of endpoints. What is in params, json, data and headers stays as it is. */
export function endpointOf(endpoint: unknown, path: Path, report: Report, secrets: Dict): unknown {
  if (!isPlainObject(endpoint)) return endpoint ?? undefined
  return renamed(endpoint, path, report, {
    path: (value) => value ?? undefined,
    params: (params, at) => paramsOf(params, at, report),
    auth: (auth, at) => authOf(auth, at, report, secrets),
    paginator: (paginator, at) => paginatorOf(paginator, at, report),
    incremental: (incremental, at) => cursorOf(incremental, at, report),
    response_actions: (actions, at) => actionsOf(actions, at, report),
  })
}

function paramsOf(params: unknown, path: Path, report: Report): unknown {
  if (!isPlainObject(params)) return params
  return Object.fromEntries(
    Object.entries(params).map(([name, param]) => [name, cursorOf(param, [...path, name], report)]),
  )
}

function cursorOf(cursor: unknown, path: Path, report: Report): unknown {
  return isPlainObject(cursor) ? withoutNulls(renamed(without(cursor, IDLE_CURSOR_OPTIONS), path, report)) : cursor
}

export function paginatorOf(paginator: unknown, path: Path, report: Report): unknown {
  if (paginator === 'json_response') return 'json_link'
  if (!isPlainObject(paginator) || typeof paginator.next === 'function') return paginator
  return withoutNulls(
    renamed(paginator, path, report, { type: (type) => (type === 'json_response' ? 'json_link' : type) }),
    'totalPath',
  )
}

/** dlt throws a given access token away at once, since it takes it for expired. */
const IDLE_AUTH_OPTIONS = ['access_token']

/** Texts such as `dlt.secrets["crm.token"]` become what `secrets` has under that name. */
export function authOf(auth: unknown, path: Path, report: Report, secrets: Dict): unknown {
  if (!isPlainObject(auth)) return auth
  const options = withoutNulls(renamed(without(auth, IDLE_AUTH_OPTIONS), path, report))
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const name = typeof value === 'string' ? /^dlt\.secrets\[(["'])(.*)\1\]$/.exec(value)?.[2] : undefined
      if (name === undefined) return [key, value]
      if (Object.hasOwn(secrets, name)) return [key, secrets[name]]
      const hint = didYouMean(name, Object.keys(secrets), 'Give it in the options of fromDlt: { secrets: { … } }.')
      report({ path: [...path, key], what: 'no such secret', hint })
      return [key, value]
    }),
  )
}

/** dlt takes a list of functions as one action: each becomes an action with the same conditions. */
function actionsOf(actions: unknown, path: Path, report: Report): unknown {
  if (!Array.isArray(actions)) return actions
  return actions.flatMap((action, i) => {
    if (!isPlainObject(action)) return [action]
    const options = withoutNulls(renamed(action, [...path, i], report))
    return Array.isArray(options.action)
      ? options.action.map((each: unknown) => ({ ...options, action: each }))
      : [options]
  })
}
