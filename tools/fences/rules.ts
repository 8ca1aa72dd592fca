/**
 * Who may import whom: the import rules of the house, as data. `tools/check-imports.ts` applies them.
 *
 * A room is a file or a folder; a file of its own wins over the folder it is in. Each room may import itself.
 */
export interface Room {
  /** Rooms, or single files of them, whose code it may use. */
  readonly uses: readonly string[]
  /** Rooms of which it may import types only, besides `uses`. */
  readonly types?: readonly string[]
  /** Packages, and `node:` for all of Node's modules. */
  readonly packages?: readonly string[]
  /** Globals beyond those that every runtime has. */
  readonly globals?: readonly string[]
  /** An entry beside the core: those who may import its folder may not import it. */
  readonly standalone?: true
}

/** What anyone may use: it knows nothing of the other rooms. */
const BASE = [
  'src/json.ts',
  'src/error-codes.ts',
  'src/errors.ts',
  'src/loaded.ts',
  'src/report.ts',
  'src/ports.ts',
  'src/hash.ts',
  'src/base64.ts',
  'src/call-user.ts',
  'src/template.ts',
  'src/render-template.ts',
]

/** Pure helpers that lie in the room they belong to, and that the rooms beside it may use too. */
const HELPERS = [
  'src/config/checks.ts',
  'src/config/options.ts',
  'src/http/link-header.ts',
  'src/http/request.ts',
  'src/http/url.ts',
  'src/select/auto.ts',
  'src/select/path.ts',
]

/** What all of the engine may use. */
const ENGINE_USES = [
  ...BASE,
  'src/source.ts',
  'src/config',
  'src/http',
  'src/paginators',
  'src/auth',
  'src/select',
  'src/schema',
  'src/store',
]

/** What every adapter may use. */
const ADAPTER_USES = ['src/store', 'src/errors.ts', 'src/json.ts', 'src/ports.ts']

const NODE = ['process', 'Buffer']

/** Folders of one room, from its foot up: each may import those before it, and from anywhere what `types` names. */
function floors(room: string, folders: readonly string[], { uses, types = [] }: Room): Record<string, Room> {
  const paths = folders.map((folder) => `${room}/${folder}`)
  return Object.fromEntries(paths.map((path, floor) => [path, { uses: [...uses, ...paths.slice(0, floor)], types }]))
}

export const rooms: Readonly<Record<string, Room>> = {
  'src/json.ts': { uses: [] },
  'src/error-codes.ts': { uses: [] },
  'src/errors.ts': { uses: [], types: ['src/error-codes.ts', 'src/report.ts'] },
  'src/loaded.ts': { uses: ['src/errors.ts'] },
  'src/report.ts': { uses: [], types: ['src/error-codes.ts', 'src/json.ts'] },
  'src/ports.ts': { uses: [], globals: ['setTimeout', 'clearTimeout'] },
  'src/hash.ts': { uses: [] },
  'src/base64.ts': { uses: [] },
  'src/call-user.ts': { uses: ['src/errors.ts'], types: ['src/error-codes.ts'] },
  'src/render-template.ts': { uses: ['src/json.ts', 'src/errors.ts', 'src/template.ts'] },
  'src/template.ts': { uses: ['src/json.ts', 'src/errors.ts', 'src/select/path.ts'] },

  'src/config/checks.ts': { uses: ['src/json.ts'], packages: ['valibot'] },
  'src/config/options.ts': { uses: ['src/config/checks.ts'], packages: ['valibot'] },
  'src/http/link-header.ts': { uses: BASE },
  'src/http/request.ts': { uses: BASE },
  'src/http/url.ts': { uses: [...BASE, 'src/http/request.ts'] },
  'src/select/auto.ts': { uses: ['src/json.ts'] },
  'src/select/path.ts': { uses: ['src/json.ts', 'src/errors.ts'] },

  'src/index.ts': { uses: [...BASE, 'src/source.ts', 'src/sync'], types: ['src'] },
  'src/source.ts': { uses: [...BASE, 'src/config'], types: ['src'] },
  ...floors('src/sync', ['run', 'incremental', 'rows', 'pages', 'unit', 'deletes', 'pass'], {
    uses: ENGINE_USES,
    // Handed to what is loaded on demand.
    types: ['src/sync/pass/parts.ts'],
  }),
  'src/sync': { uses: ENGINE_USES },
  'src/config': {
    uses: [...BASE, 'src/paginators', 'src/auth', 'src/select', 'src/schema', ...HELPERS],
    types: ['src/http'],
    packages: ['valibot'],
  },
  'src/config/dlt.ts': { uses: [...BASE, 'src/config', 'src/source.ts'], types: ['src'], standalone: true },

  'src/http': { uses: BASE, types: ['src/auth', 'src/config'] },
  'src/http/client.ts': { uses: [...BASE, 'src/http'], types: ['src/auth', 'src/config'], packages: ['ofetch'] },
  'src/paginators': { uses: [...BASE, ...HELPERS], types: ['src/http'], packages: ['valibot'] },
  // Web Locks, which browsers, Deno and Node from 24 on have.
  'src/auth/oauth/lock.ts': { uses: [], globals: ['navigator'] },
  'src/auth': { uses: [...BASE, ...HELPERS], types: ['src/http'], packages: ['valibot'] },
  'src/select': { uses: BASE },
  'src/select/jsonpath.ts': { uses: [...BASE, 'src/select'], packages: ['json-p3'], standalone: true },
  'src/schema': { uses: BASE, types: ['src/config'] },
  'src/store': { uses: BASE },

  'src/testing': { uses: [...BASE, 'src/store'], types: ['src'], packages: ['msw'] },
  // The command is a user of the package: it imports what users can import. Pure helpers are copied into it.
  'src/cli': {
    uses: ['src/index.ts', 'src/config/dlt.ts', 'src/store/index.ts', 'src/json.ts', 'src/schema', 'adapters'],
    types: ['src'],
    packages: ['*', 'node:'],
    globals: [...NODE, 'console'],
  },

  // An adapter that needs a package or a global of its platform has a row of its own.
  adapters: { uses: ADAPTER_USES },
  'adapters/filesystem.ts': {
    uses: [
      ...ADAPTER_USES,
      'adapters/filesystem-files.ts',
      'adapters/filesystem-drop.ts',
      'adapters/filesystem-lease.ts',
      'adapters/filesystem-watch.ts',
    ],
    packages: ['node:'],
    globals: NODE,
  },
  'adapters/filesystem-files.ts': { uses: ADAPTER_USES, packages: ['node:'], globals: NODE },
  'adapters/filesystem-drop.ts': { uses: [...ADAPTER_USES, 'adapters/filesystem-files.ts'], packages: ['node:'] },
  'adapters/cloudflare-kv.ts': { uses: [...ADAPTER_USES, 'adapters/cloudflare-kv-head.ts'] },
  'adapters/indexeddb.ts': {
    uses: [...ADAPTER_USES, 'adapters/indexeddb-database.ts'],
    globals: ['BroadcastChannel', 'IDBKeyRange', 'navigator'],
  },
  'adapters/indexeddb-database.ts': { uses: ADAPTER_USES, packages: ['idb-keyval'] },
  'adapters/filesystem-watch.ts': { uses: ADAPTER_USES, packages: ['node:'] },
  'adapters/filesystem-lease.ts': { uses: ADAPTER_USES, packages: ['node:'], globals: NODE },
}

/** Globals of the web platform that Node 20, Deno, Bun, workerd and browsers all have; JavaScript's own come on top. */
export const WEB_GLOBALS = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'DOMException',
  'Event',
  'EventTarget',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'TransformStream',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'crypto',
  'fetch',
  'queueMicrotask',
  'structuredClone',
]

/** Portable, and yet not to be used. */
export const FORBIDDEN: Readonly<Record<string, string>> = {
  eval: 'is refused by many content security policies and by workerd',
  Function: 'is refused by many content security policies and by workerd',
  globalThis: 'hides what is taken from it: write globalThis.name',
  'AbortSignal.timeout': 'cannot be cleared and keeps its target alive: use a port and a controller of your own',
  'AbortSignal.any': 'keeps its sources alive: use a controller of your own and remove the listener',
}

/** An adapter that grows longer than this has taken over work of `src/store`. */
export const ADAPTER_LINES = 250
