import type { AuthConfig } from '../../auth/index.ts'
import type { PaginatorConfig } from '../../paginators/index.ts'
import type { StandardSchema } from '../../schema/standard.ts'
import type { ClientConfig } from '../client.ts'
import type { EndpointConfig, EndpointDefaults } from '../endpoint.ts'
import type { ResourceConfig, ResourceDefaults } from '../resource.ts'
import type { SourceConfig } from '../source-config.ts'
import type { Choice, Exact, Leaf, Needs, UnknownOption } from './exact.ts'
import type { CheckDefaultKey, CheckKey, CheckSchema, NameOf, Resources, RowOfResource, RowsOf } from './rows.ts'
import type { FieldProblem, ParentOf, References, RowIn, Templates, TextsIn } from './templates.ts'

/**
 * What `defineSource` infers a config from: `SourceConfig`, less strict where we have a better sentence than the
 * compiler, that is for any `type` of auth and paginator, and for what is missing.
 */
interface SourceInput {
  name?: string
  client: Loose<ClientConfig, 'baseUrl'>
  resourceDefaults?: DefaultsInput
  resources: readonly (string | ResourceInput)[]
}

interface DefaultsInput extends Omit<ResourceDefaults, 'endpoint'> {
  endpoint?: Loose<EndpointDefaults>
}

interface ResourceInput extends Omit<ResourceConfig, 'name' | 'endpoint' | 'schema'> {
  name?: string
  endpoint?: string | Loose<EndpointConfig>
  schema?: StandardSchema | object
}

type Loose<Config, Optional extends keyof Config = never> = Omit<Config, 'auth' | 'paginator' | Optional> &
  Partial<Pick<Config, Optional>> & {
    auth?: AuthConfig | { readonly type: string } | { readonly token: Leaf } | (string & {}) | null
    paginator?: PaginatorConfig | { readonly type: string } | (string & {}) | null
  }

/**
 * What `defineSource` infers its config as: anything with the right types, and any other keys.
 *
 * While functions in a config have not been typed, TypeScript tries the call with this type in place of the config. An
 * unknown key must not end the inference there: the sentences come afterwards.
 */
export type AnyConfig = Open<SourceInput>

/** The type of `defineSource`'s parameter: the config as it is, but with a sentence as the type of whatever is wrong. */
export type Checked<Config> = [SourceConfig] extends [Config] ? Config : CheckSource<Config>

type Open<Shape> = Shape extends Leaf | StandardSchema
  ? Shape
  : Shape extends readonly (infer Item)[]
    ? readonly Open<Item>[]
    : string extends keyof Shape
      ? { [K in keyof Shape]: Open<Shape[K]> }
      : OpenObject<Shape> | (OpenObject<Shape> & { readonly [key: string]: unknown })

/** Beside it stands the one with any key, since a value of an interface type fits no index signature. */
type OpenObject<Shape> = { [K in keyof Shape]: Open<Shape[K]> }

type CheckSource<Config> = Needs<Config, SourceConfig, 'name' | 'client' | 'resources'> & {
  [K in keyof Config]: K extends 'resources'
    ? CheckResources<Config[K], RowsOf<Config>, NameOf<Resources<Config>>, DefaultsOf<Config>>
    : K extends 'client'
      ? CheckSchemes<Config[K], ClientConfig> & Needs<Config[K], ClientConfig, 'baseUrl'>
      : K extends 'resourceDefaults'
        ? CheckDefaults<Config[K], RowsOf<Config>, NameOf<Resources<Config>>>
        : K extends keyof SourceConfig
          ? Config[K]
          : UnknownOption<K, SourceConfig>
}

type DefaultsOf<Config> = Config extends { readonly resourceDefaults: infer Defaults } ? Defaults : unknown

type CheckDefaults<Defaults, Rows, Names> = {
  [K in keyof Defaults]: K extends 'endpoint'
    ? CheckEndpoint<Defaults[K], EndpointDefaults, Rows, Names>
    : K extends keyof ResourceDefaults
      ? Exact<Defaults[K], ResourceDefaults[K]>
      : UnknownOption<K, ResourceDefaults>
}

type CheckResources<List, Rows, Names, Defaults> = { [I in keyof List]: CheckResource<List[I], Rows, Names, Defaults> }

type CheckResource<Resource, Rows, Names, Defaults> = Resource extends string
  ? Resource
  : Needs<Resource, ResourceConfig, 'name'> & {
      [K in keyof Resource]: K extends 'endpoint'
        ? CheckEndpoint<Resource[K], EndpointConfig, Rows, Names>
        : K extends 'schema'
          ? CheckResourceSchema<Resource[K], Resource, Defaults>
          : K extends 'primaryKey'
            ? CheckKey<Resource[K], RowOfResource<Resource>>
            : K extends 'includeFromParent'
              ? CheckInclude<Resource[K], ParentOf<ReferencesIn<Resource>>, Rows, Names>
              : K extends keyof ResourceConfig
                ? Exact<Resource[K], ResourceConfig[K]>
                : UnknownOption<K, ResourceConfig>
    }

type CheckResourceSchema<Schema, Resource, Defaults> =
  CheckSchema<Schema> extends string
    ? CheckSchema<Schema>
    : Resource extends { readonly primaryKey: unknown }
      ? Schema
      : Defaults extends { readonly primaryKey: infer Key }
        ? CheckDefaultKey<Schema, RowOfResource<Resource>, Key>
        : Schema

type CheckEndpoint<Endpoint, Shape, Rows, Names> = Endpoint extends string
  ? Templates<Endpoint, Rows, Names>
  : CheckSchemes<
      {
        [K in keyof Endpoint]: K extends 'path' | 'params' | 'json' | 'data' | 'headers'
          ? Templates<Endpoint[K], Rows, Names>
          : Endpoint[K]
      },
      Shape
    >

/** The options of a client or an endpoint. */
type CheckSchemes<Given, Shape> = {
  [K in keyof Given]: K extends keyof Shape ? CheckOption<Given[K], K, Shape[K]> : UnknownOption<K, Shape>
}

type CheckOption<Given, Key, Shape> = Key extends 'auth'
  ? Choice<Given, AuthConfig, 'auth scheme'>
  : Key extends 'paginator'
    ? Choice<Given, PaginatorConfig, 'paginator'>
    : Key extends 'path' | 'json' | 'data' | 'headers'
      ? Given
      : Exact<Given, Shape>

/** The references in the usual places: an older `resolve` parameter too. */
type ReferencesIn<Resource> = Resource extends { readonly endpoint: infer Endpoint }
  ? Endpoint extends string
    ? References<Endpoint>
    : Endpoint extends object
      ? References<TextOf<Endpoint>> | ResolvedIn<Endpoint>
      : never
  : never

type TextOf<Endpoint> =
  | (Endpoint extends { readonly path: infer Path } ? Path : never)
  | ValuesOf<Endpoint extends { readonly params: infer Params } ? Params : never>
  | ValuesOf<Endpoint extends { readonly headers: infer Headers } ? Headers : never>

type ResolvedIn<Endpoint> = Endpoint extends { readonly params: infer Params } ? References<TextsIn<Params>> : never

type ValuesOf<Given> = Given[keyof Given]

/** Where the parent is not known from here (it may stand in a body), only the data can tell. */
type CheckInclude<Fields, Parent, Rows, Names> = [Parent] extends [never]
  ? Fields
  : Parent extends Names & string
    ? Fields extends readonly unknown[]
      ? {
          [I in keyof Fields]: Fields[I] extends string
            ? [FieldProblem<Fields[I], RowIn<Rows, Parent>, Parent>] extends [never]
              ? Fields[I]
              : FieldProblem<Fields[I], RowIn<Rows, Parent>, Parent>
            : Fields[I]
        }
      : Fields
    : Fields
