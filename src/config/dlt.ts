import type { Secret } from '../auth/auth.ts'
import { isPlainObject } from '../json.ts'
import { type Source, sourceOf } from '../source.ts'
import { authOf, paginatorOf } from './dlt/endpoint.ts'
import { type Dict, renamed, snakeCase } from './dlt/rename.ts'
import { resourceDefaultsOf, resourceOf } from './dlt/resource.ts'
import { checkRuntime, type DltRuntime, retryOf, timeoutOf } from './dlt/runtime.ts'
import { type Issue, type Path, type Report, throwIssues } from './issues.ts'
import { resolveConfig } from './resolve.ts'

export type { DltRuntime }

/** A dlt `rest_api` config: the Python dict as JSON, keys in snake_case. */
export type DltConfig = Readonly<Record<string, unknown>>

export interface FromDltOptions {
  /** Names the source and its dataset. @default 'rest_api', as in dlt */
  name?: string
  /** What stands for `dlt.secrets["name"]` in an `auth`: write it into the JSON as that text. */
  secrets?: Readonly<Record<string, Secret>>
  /** dlt's `[runtime]` settings. */
  runtime?: DltRuntime
}

/**
 * Makes a source of a dlt `rest_api` config. Keeps what dlt does where nothing is said: rows are appended, and a failed
 * request is tried five times in all, after 1, 2, 4 and 8 seconds. What has no meaning here, such as `file_format`, is
 * passed over; what has one that is not built yet, such as `merge_key`, is refused as `not_implemented`.
 *
 * @example
 * const crm = fromDlt(
 *   {
 *     client: { base_url: 'https://api.example.com', auth: { type: 'bearer', token: 'dlt.secrets["crm.token"]' } },
 *     resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
 *     resources: ['customers', { name: 'orders', endpoint: 'customers/{resources.customers.id}/orders' }],
 *   },
 *   { name: 'crm', secrets: { 'crm.token': () => env.CRM_TOKEN } },
 * )
 *
 * @throws {SynclineError} As `defineSource`, with paths in snake_case; `not_implemented`
 */
export function fromDlt(config: DltConfig, options: FromDltOptions = {}): Source {
  const { name = 'rest_api', secrets = {}, runtime = {} } = options
  const issues: Issue[] = []
  const report: Report = (issue) => void issues.push(issue)
  checkRuntime(runtime, report)
  const source = renamed(isPlainObject(config) ? config : {}, [], report, {
    client: (client, path) => clientOf(client, path, report, secrets, runtime),
    resource_defaults: (defaults, path) => resourceDefaultsOf(defaults, path, report, secrets),
    resources: (list, path) =>
      Array.isArray(list) ? list.map((each, i) => resourceOf(each, [...path, i], report, secrets)) : list,
  })
  throwIssues(issues, snakeCase)
  const resourceDefaults = source.resourceDefaults ?? { writeDisposition: 'append' }
  return sourceOf(resolveConfig({ ...source, name, resourceDefaults }, snakeCase))
}

function clientOf(client: unknown, path: Path, report: Report, secrets: Dict, runtime: DltRuntime): unknown {
  if (!isPlainObject(client)) return client
  if (client.session) {
    const hint = 'Give the calls of Syncline a fetch of your own: ports.fetch.'
    report({
      path: [...path, 'session'],
      what: 'a session of Python cannot be used here',
      hint,
      code: 'not_implemented',
    })
  }
  const { session, ...rest } = client
  const options = renamed(rest, path, report, {
    headers: (headers) => headers ?? undefined,
    auth: (auth, at) => authOf(auth, at, report, secrets),
    paginator: (paginator, at) => paginatorOf(paginator, at, report),
  })
  return { ...options, retry: retryOf(runtime), timeout: timeoutOf(runtime) }
}
