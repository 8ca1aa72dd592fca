import type { Endpoint } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import type { JsonValue } from '../../json.ts'
import { findRecordsPath, hasOneUsualList, isUsual } from '../../select/auto.ts'
import { selectorOf } from '../../select/select.ts'

/**
 * The records in a body, and where automatic selection has found them, once it has.
 *
 * @throws `selector_empty`, `selector_ambiguous`
 */
export function selectRecords(
  { dataSelector }: Endpoint,
  { selector: known, page }: { readonly selector?: string; readonly page: number },
  body: JsonValue | undefined,
): { records: JsonValue[]; selector: string | undefined } {
  if (body === undefined) return { records: [], selector: known }
  if (dataSelector !== undefined) return { records: present(dataSelector(body)), selector: undefined }
  if (known !== undefined && page === 0) requireOneList(known, body)
  const selector = known ?? findRecordsPath(body)
  const records = present(selectorOf(selector)(body))
  // Of several empty lists any may be that of the records: the first page with some decides.
  return { records, selector: records.length > 0 || hasOneUsualList(body) ? selector : known }
}

/** Where the list has no usual name, one that would be chosen now may be the right one, and the other have been wrong. */
function requireOneList(selector: string, body: JsonValue): void {
  const found = findRecordsPath(body)
  if (found === selector || found === '$' || isUsual(selector) || !selectorOf(found)(body)?.length) return
  throw new SynclineError('selector_ambiguous', `the records may be at \`${found}\`, and were at \`${selector}\``, {
    hint: 'Set `dataSelector` to where they are.',
  })
}

function present(records: JsonValue[] | undefined): JsonValue[] {
  if (records !== undefined) return records
  throw new SynclineError('selector_empty', 'the response has nothing where the records should be', {
    hint: 'Check `dataSelector` against a response; if the API says "no data" in this way, say so in `responseActions`.',
  })
}
