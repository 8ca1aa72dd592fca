import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocstrings } from '../../tools/examples/read-docstrings.ts'
import { typeCheck } from '../../tools/examples/type-check.ts'

/** Their examples are for those who work on Syncline. */
const INTERNAL = /^src\/(?:http|select\/(?:auto|path)|config\/(?:options|resource))\b/

/** What the examples of the docstrings take as given. */
const PRELUDE = `
import { createClient, defineSource, extract, isSynclineError, type JsonObject, openDataset, type Paginator, plan, replayQuarantine, type Source, step, sync } from 'syncline'
import type { Store } from 'syncline/store'
import { cloudflareKvStore, type KvNamespace } from 'syncline/adapters/cloudflare-kv'
import { cloudflareR2Store, type R2BucketBinding, r2Heads } from 'syncline/adapters/cloudflare-r2'
import { filesystemStore } from 'syncline/adapters/filesystem'
import { indexedDbStore } from 'syncline/adapters/indexeddb'
import { memoryStore } from 'syncline/adapters/memory'
import { fromDlt } from 'syncline/dlt'
import { jsonpath } from 'syncline/jsonpath'
import type { ClientConfig } from './src/config/client.ts'
import type { EndpointConfig } from './src/config/endpoint.ts'
import type { ResourceConfig } from './src/config/resource.ts'
type Fragment = Partial<ClientConfig> & Partial<EndpointConfig> & Partial<Pick<ResourceConfig, 'columns' | 'endpoint'>> & { client?: ClientConfig }
declare const env: Record<'API_KEY' | 'API_PASSWORD' | 'API_TOKEN' | 'CLIENT_SECRET' | 'CRM_TOKEN' | 'PRIVATE_KEY' | 'TOKEN', string> & { DATA: KvNamespace; BUCKET: R2BucketBinding }
declare const secrets: { get(name: string): Promise<string>; set(name: string, value: string): Promise<void> }
declare const queue: { send(body: object, options?: { delaySeconds: number }): Promise<void> }
declare function getToken(): string
declare function hmac(text: string): Promise<string>
declare function signIn(): void
declare global {
  var source: Source<{ transactions: JsonObject }>
  var store: Store
}`

const files = ['src', 'adapters']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.ts') && !INTERNAL.test(file))

const examples = files.flatMap((file) => readDocstrings(file, readFileSync(file, 'utf8'), PRELUDE))
const problems = typeCheck(examples)

test.each(examples.map((example) => [`${example.file}:${example.line}`, example] as const))(
  'the example at %s compiles',
  (_, example) => {
    expect(problems.get(example)).toEqual([])
  },
)

test('the docstrings are read', () => {
  expect(examples.map(({ file }) => file)).toContain('src/index.ts')
})

test('an example with a mistake is found', () => {
  const text = "/**\n * @example\n * auth: { token: 'a' }\n * auth: { tokn: 'a' }\n * @default 1\n */"
  const problems = typeCheck(readDocstrings('a.ts', text, PRELUDE))
  expect([...problems.values()].map(({ length }) => length)).toEqual([0, 1])
})
