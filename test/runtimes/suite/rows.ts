import { type JsonObject, openDataset, type Source, type Store } from 'syncline'

/** The stored rows of a table, in key order. */
export async function rowsIn(source: Source, store: Store, table = 'items'): Promise<JsonObject[]> {
  const data = await openDataset(source, store)
  const rows: JsonObject[] = []
  for await (const batch of data.table(table).scan()) rows.push(...batch)
  await data.close()
  return rows
}

export const idsIn = async (...args: Parameters<typeof rowsIn>) => (await rowsIn(...args)).map(({ id }) => id)
