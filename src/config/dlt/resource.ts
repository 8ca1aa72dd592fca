import { isPlainObject } from '../../json.ts'
import type { Path, Report } from '../issues.ts'
import { columnsOf, keyColumns } from './columns.ts'
import { endpointOf } from './endpoint.ts'
import { type Dict, refuse, renamed, without } from './rename.ts'

/** They say how dlt or a database works, or how deep it flattens: records stay whole here, and are read side by side. */
const IDLE_OPTIONS = ['parallelized', 'max_table_nesting', 'table_format', 'file_format', 'references']

const REFUSED = {
  merge_key: 'Use primary_key.',
  table_name: 'The table has the name of the resource.',
  nested_hints: 'Records stay whole: there are no nested tables.',
}

export function resourceOf(resource: unknown, path: Path, report: Report, secrets: Dict): unknown {
  return isPlainObject(resource) ? optionsOf(resource, path, report, secrets) : resource
}

/** dlt appends where nothing is said. */
export function resourceDefaultsOf(defaults: unknown, path: Path, report: Report, secrets: Dict): unknown {
  if (defaults === null) return undefined
  if (!isPlainObject(defaults)) return defaults
  return { writeDisposition: 'append', ...optionsOf(defaults, path, report, secrets) }
}

function optionsOf(dict: Dict, path: Path, report: Report, secrets: Dict): Dict {
  const options = renamed(without(refuse(dict, REFUSED, path, report), IDLE_OPTIONS), path, report, {
    endpoint: (endpoint, at) => endpointOf(endpoint, at, report, secrets),
    columns: (columns, at) => columnsOf(columns, at, report),
    write_disposition: (disposition, at) => writeDispositionOf(disposition, at, report),
    schema_contract: (contract, at) => (isPlainObject(contract) ? renamed(contract, at, report) : contract),
    processing_steps: (steps, at) =>
      Array.isArray(steps) ? steps.map((step, i) => stepOf(step, [...at, i], report)) : steps,
  })
  const keys = keyColumns(dict.columns)
  return keys.length > 0 && options.primaryKey === undefined ? { ...options, primaryKey: keys } : options
}

const stepOf = (step: unknown, path: Path, report: Report) => (isPlainObject(step) ? renamed(step, path, report) : step)

function writeDispositionOf(disposition: unknown, path: Path, report: Report): unknown {
  if (!isPlainObject(disposition)) return disposition ?? 'append'
  const { disposition: name, strategy, deduplicated, ...more } = disposition
  if (deduplicated) refuse({ deduplicated }, { deduplicated: 'A key stands for one row.' }, path, report)
  if (strategy === 'scd2') {
    report({ path: [...path, 'strategy'], what: 'no scd2 yet', hint: "Use 'upsert'.", code: 'not_implemented' })
    return { disposition: name }
  }
  if (name !== 'merge' && strategy === undefined && Object.keys(more).length === 0) return name
  // Deleting and inserting a row is what an upsert does.
  const ours = strategy === 'delete-insert' ? 'upsert' : strategy
  return { disposition: name, ...(ours !== undefined && { strategy: ours }), ...renamed(more, path, report) }
}
