import * as v from 'valibot'
import { pathEntry } from '../paginators/options/entries.ts'
import { list, name, wholeNumber } from './checks.ts'
import { optionsSchema } from './options.ts'

/**
 * Fetches only what has changed since the API gave out a token: Google's `nextSyncToken`, Todoist's `sync_token`, the
 * `@odata.deltaLink` of Microsoft Graph.
 *
 * @example
 * incremental: { tokenPath: 'nextSyncToken', startParam: 'syncToken' }
 */
export interface SyncTokenConfig {
  /** Where a response has the token, outside the records. The last one of a complete pass counts. */
  tokenPath: string
  /**
   * The query parameter for the token. Or write `{incremental.token}` where it belongs. With neither, the token is a link,
   * and takes the place of URL and params.
   */
  startParam?: string
  /** What is sent where there is no token yet, such as `*`. @default nothing */
  initialValue?: string
  /** What the API answers to a token that it no longer takes: everything is read again then. @default [410] */
  rejectedStatuses?: readonly number[]
}

export const syncTokenSchema = optionsSchema<SyncTokenConfig>()({
  tokenPath: pathEntry,
  startParam: v.optional(name),
  initialValue: v.optional(name),
  rejectedStatuses: v.optional(list(wholeNumber)),
})
