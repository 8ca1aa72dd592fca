/**
 * Syncline keeps a local copy of what a REST API holds, on every JavaScript runtime.
 *
 * @example
 * import { defineSource, openDataset, sync } from 'syncline'
 * import { memoryStore } from 'syncline/adapters/memory'
 *
 * const source = defineSource({
 *   name: 'crm',
 *   client: { baseUrl: 'https://api.example.com' },
 *   resources: [{ name: 'customers', primaryKey: 'id', endpoint: { path: '/v1/customers', paginator: { type: 'offset', limit: 100 } } }],
 * })
 * const store = memoryStore()
 * await sync(source, store)
 * await (await openDataset(source, store)).table('customers').get('c_1')
 *
 * @module
 */
export type { Auth, AuthContext, Secret, SignableRequest } from './auth/auth.ts'
export type { AuthConfig } from './auth/index.ts'
export type { ClientConfig } from './config/client.ts'
export type { EndpointConfig } from './config/endpoint.ts'
export type { IncrementalConfig } from './config/incremental.ts'
export type { ParsedText, ParseFunction, ParseInfo } from './config/parse.ts'
export type { ResponseInfo } from './config/resolved.ts'
export type { ResourceConfig } from './config/resource.ts'
export type { ResponseActionConfig } from './config/response-action.ts'
export type { SourceConfig } from './config/source-config.ts'
export type { SyncTokenConfig } from './config/sync-token.ts'
export { type ErrorCode, type ErrorFields, isSynclineError, SynclineError } from './errors.ts'
export type { RequestSpec } from './http/request.ts'
export type { JsonObject, JsonValue } from './json.ts'
export type { PaginatorConfig } from './paginators/index.ts'
export type { Next, Page, Paginator } from './paginators/paginator.ts'
export type { Ports } from './ports.ts'
export type {
  FailureInfo,
  ReplayedResource,
  ReplayReport,
  ResourceReport,
  SchemaReport,
  StepStatus,
  SyncEvent,
  SyncReport,
} from './report.ts'
export type { ColumnSchema, TableSchema } from './schema/describe.ts'
export { defineSource, type ResourceNames, type RowOf, type Source } from './source.ts'
export type { Store } from './store/dataset.ts'
export type { Key } from './store/key.ts'
export { checkConnection } from './sync/check.ts'
export type { ConnectionReport } from './sync/check-roots.ts'
export { type Client, createClient } from './sync/client.ts'
export { type ExtractedPage, extract } from './sync/extract.ts'
export { type OpenDataset, openDataset, type QuarantinedRecord, type Table } from './sync/open-dataset.ts'
export type { EndpointPage } from './sync/pages/endpoint-pages.ts'
export type { PlannedCost } from './sync/plan/plan-cost.ts'
export type { PlannedResource } from './sync/plan/plan-run.ts'
export { plan } from './sync/plan.ts'
export { replayQuarantine } from './sync/replay.ts'
export type {
  Budget,
  ExtractOptions,
  ReplayOptions,
  RunOptions,
  SelectOptions,
  StepOptions,
  StepResult,
  SyncOptions,
} from './sync/run/options.ts'
export { step } from './sync/step.ts'
export type { ChangeListener, RowChange, SubscribeOptions } from './sync/subscription.ts'
export { sync } from './sync/sync.ts'
