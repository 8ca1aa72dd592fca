/**
 * What was inferred of a copy's tables, as code: for those who want to keep it, and not for apps at run time.
 *
 * @example
 * import { openDataset } from 'syncline'
 * import { toTypeScript } from 'syncline/schema'
 *
 * const data = await openDataset(source, store)
 * const code = toTypeScript(await data.schema())
 *
 * @module
 */
export type { ColumnSchema, TableSchema } from './describe.ts'
export type { Tables } from './export/code.ts'
export { toJsonSchema } from './export/json-schema.ts'
export { toTypeScript } from './export/typescript.ts'
export { toValibot } from './export/valibot.ts'
