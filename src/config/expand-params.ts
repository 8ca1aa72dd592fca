import type { ParamValue } from '../http/request.ts'
import type { EndpointConfig } from './endpoint.ts'
import type { IncrementalConfig } from './incremental.ts'
import type { Report } from './issues.ts'
import type { MergedResource } from './merge.ts'
import type { IncrementalParam, ParamConfig, ResolveParam } from './param.ts'

/** An endpoint without dlt's older parameters of type `incremental` and `resolve`: what they say is said elsewhere. */
export interface ExpandedEndpoint extends Omit<EndpointConfig, 'params'> {
  readonly path: string
  readonly params: Readonly<Record<string, ParamValue>>
}

export function expandParams({ endpoint, atEndpoint }: MergedResource, report: Report): ExpandedEndpoint {
  const params: [string, ParamValue][] = []
  let { path, incremental } = endpoint
  for (const [name, param] of Object.entries(endpoint.params ?? {})) {
    const at = [...atEndpoint('params'), name]
    if (!isSpecial(param)) params.push([name, param])
    else if (param.type === 'incremental') {
      if (incremental) report({ path: at, what: 'a second incremental', hint: 'An endpoint can have one.' })
      incremental = cursorOf(param, name)
    } else {
      const bound = bindInPath(path, name, `{resources.${param.resource}.${param.field}}`)
      if (bound === path)
        report({
          path: at,
          what: `the path has no {${name}}`,
          hint: 'Add it, or write the reference where it belongs.',
        })
      path = bound
    }
  }
  return { ...endpoint, path, incremental: incremental ?? null, params: Object.fromEntries(params) }
}

function isSpecial(param: ParamConfig): param is IncrementalParam | ResolveParam {
  return typeof param === 'object' && param !== null && !Array.isArray(param)
}

function cursorOf({ type, ...cursor }: IncrementalParam, startParam: string): IncrementalConfig {
  return { ...cursor, startParam }
}

/** Doubled braces are text. */
function bindInPath(path: string, name: string, reference: string): string {
  return path.replace(/\{\{|\}\}|\{([^{}]+)\}/g, (match, key: string | undefined) => (key === name ? reference : match))
}
