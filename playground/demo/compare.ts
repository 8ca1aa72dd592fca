import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../src/json.ts'
import type { DemoApi } from '../demo-api/demo-api.ts'
import type { TableName } from '../demo-api/tables.ts'

/** A table of the copy, as far as it is needed here. */
interface Table {
  scan(): AsyncIterable<readonly JsonObject[]>
}

/** How many rows of the copy are not exactly as the API has them, and how many are missing. */
export async function compareWithApi(api: DemoApi, name: TableName, table: Table) {
  const expected = new Map<unknown, JsonObject>()
  const { data } = api.database.list(name, { offset: 0, limit: Number.POSITIVE_INFINITY })
  for (const row of data) expected.set(row.id, row)
  let different = 0
  for await (const rows of table.scan()) {
    for (const row of rows) {
      if (!isDeepStrictEqual(withoutOurs(row), expected.get(row.id))) different++
      expected.delete(row.id)
    }
  }
  return { total: data.length, different, missing: expected.size }
}

/** Without the fields that Syncline put there: what `includeFromParent` took from a parent. */
function withoutOurs(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith('_')))
}
