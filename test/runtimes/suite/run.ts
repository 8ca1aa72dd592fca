import { Api } from './api.ts'
import type { Case, Outcome, Place, Platform, Theme } from './suite.ts'

/** No case takes this long, unless it hangs. */
const LONGEST_MS = 60_000

let worlds = 0

/** Runs the cases of a theme, one after the other. `applies`: those that do not are left out. */
export async function runTheme(
  { name: theme, cases }: Theme,
  platform: Platform,
  place: Place,
  applies: (each: Case) => boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const each of cases.filter(applies)) {
    const failed = await runCase(each, platform, place).then(() => undefined, describe)
    outcomes.push({ theme, name: each.name, ...(failed !== undefined && { failed }) })
  }
  return outcomes
}

async function runCase(each: Case, platform: Platform, place: Place): Promise<void> {
  const name = `${place.runtime}-${++worlds}`
  const open = platform.stores[platform.usual]
  if (!open) throw new Error(`There is no ${platform.usual} here`)
  let stop: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    stop = setTimeout(() => reject(new Error(`It did not end within ${LONGEST_MS / 1000} s`)), LONGEST_MS)
  })
  const world = { name, api: new Api(place, name), platform, has: place.has, store: () => open(name) }
  try {
    await Promise.race([each.run(world), late])
  } finally {
    clearTimeout(stop)
  }
}

/** Stacks have the message in some runtimes only. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack = '' } = error
  return stack.includes(message) ? stack : `${name}: ${message}\n${stack}`
}
