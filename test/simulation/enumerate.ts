import type { Engine } from './engine.ts'
import { History } from './history.ts'
import { Violation } from './laws.ts'
import type { Observation } from './observe.ts'
import type { Fate } from './process.ts'
import type { Named } from './scenarios-named.ts'

/**
 * Plays a scenario in which one run is cut at one await point; then it is gone on with, and nothing may be missing, there
 * twice, or asked for twice. Returns how many await points the run has.
 */
export async function playCut(
  engine: Engine,
  { scenario, before, full }: Named,
  fate?: Fate,
  trace?: (line: string) => void,
): Promise<number> {
  const history = new History(engine, scenario, trace)
  const { api, world } = history
  api.faulty = scenario.httpFaults > 0
  api.restless = false
  if (before) {
    await history.finish({})
    api.mutate(6)
    world.now += 90_000
  }
  const earlier = await history.look(false)
  const from = api.served.length
  const process = history.spawn(0)
  process.fate = fate
  const options = full ? { full } : {}
  await history.step(process, options)
  const cut = await history.look(full)
  const pages = pagesOf(api.served.slice(from))
  const resumes = api.served.length
  if (scenario.disposition !== 'replace') expectPair(earlier, cut, pages)
  await history.finish(options)
  const committed = cut.passes.items === undefined ? [] : [...pages.keys()].slice(0, cut.passes.items.pages)
  for (const { path } of api.served.slice(resumes)) {
    if (committed.includes(path)) throw new Violation('again', `${path} was committed, and is asked for again`)
  }
  for (const name of history.names()) {
    if (name !== 'notes' || full || !before) history.expectAll(name)
    if (full || scenario.disposition === 'replace') history.expectOnly(name)
  }
  return process.points
}

/** The pages of `items`, each once, however often it was asked for. */
function pagesOf(served: History['api']['served']): Map<string, readonly string[]> {
  return new Map(served.filter(({ path }) => /^\/items(\?|$)/.test(path)).map(({ path, texts }) => [path, texts]))
}

/** Rows and position are from one commit: all rows of the pages that the position has passed are there, and no others. */
function expectPair(earlier: Observation, { rows, passes }: Observation, pages: Map<string, readonly string[]>): void {
  if (passes.items === undefined) return
  const stored = new Set(rows.items.map(({ text }) => text))
  const known = new Set(earlier.rows.items.map(({ text }) => text))
  for (const [index, [path, texts]] of [...pages].entries()) {
    for (const text of texts) {
      const passed = index < passes.items.pages
      if (passed && !stored.has(text)) throw new Violation('pair', `${path} is passed, and ${text} is not stored`)
      if (!passed && stored.has(text) && !known.has(text))
        throw new Violation('pair', `${text} is stored before ${path}`)
    }
  }
}
