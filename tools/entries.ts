/** What users can import: each name in `exports` of package.json, and its source. A new adapter is one line here. */
export const entries = {
  '.': 'src/index.ts',
  './dlt': 'src/config/dlt.ts',
  './jsonpath': 'src/select/jsonpath.ts',
  './schema': 'src/schema/index.ts',
  './store': 'src/store/index.ts',
  './testing': 'src/testing/index.ts',
  './adapters/memory': 'adapters/memory.ts',
  './adapters/filesystem': 'adapters/filesystem.ts',
  './adapters/indexeddb': 'adapters/indexeddb.ts',
  './adapters/cloudflare-kv': 'adapters/cloudflare-kv.ts',
  './adapters/cloudflare-r2': 'adapters/cloudflare-r2.ts',
} as const

/** The command `syncline`: not importable, and itself a user of the entries. */
export const cliEntry = 'src/cli/main.ts'

/** The name of an entry's files in `dist`, without the ending. */
export function distName(entry: string): string {
  return entry === '.' ? 'index' : entry.replace('./', '')
}

/** As the field `exports` of package.json has to have it. */
export function exportsField(): Record<string, unknown> {
  const files = Object.keys(entries).map((entry) => {
    const file = `./dist/${distName(entry)}`
    return [entry, { types: `${file}.d.ts`, default: `${file}.js` }] as const
  })
  return { ...Object.fromEntries(files), './package.json': './package.json' }
}
