import type { AuthConfig } from '../../auth/index.ts'
import type { PaginatorConfig } from '../../paginators/index.ts'
import type { StandardSchema } from '../../schema/standard.ts'
import type { ClientConfig } from '../client.ts'
import type { EndpointConfig, EndpointDefaults } from '../endpoint.ts'
import type { ResourceConfig, ResourceDefaults } from '../resource.ts'
import type { SourceConfig } from '../source-config.ts'
import type { Choice, Exact, Leaf, UnknownOption } from './exact.ts'
import type { CheckDefaultKey, CheckKey, CheckSchema, NameOf, Resources, RowOfResource, RowsOf } from './rows.ts'
import type { FieldProblem, ParentOf, References, RowIn, Templates } from './templates.ts'

/**
 * What `defineSource` infers a config from: `SourceConfig` with any `type` of auth and paginator, so that a wrong one
 * gets our sentence instead of a list of all.
 */
interface SourceInput extends Omit<SourceConfig, 'client' | 'resourceDefaults' | 'resources'> {
  client: AnyScheme<ClientConfig>
  resourceDefaults?: DefaultsInput
  resources: readonly (string | ResourceInput)[]
}

interface DefaultsInput extends Omit<ResourceDefaults, 'endpoint'> {
  endpoint?: AnyScheme<EndpointDefaults>
}

interface ResourceInput extends Omit<ResourceConfig, 'endpoint'> {
  endpoint?: string | AnyScheme<EndpointConfig>
}

type AnyScheme<Config> = Omit<Config, 'auth' | 'paginator'> & {
  auth?: AuthConfig | { readonly type: string } | (string & {}) | null
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
      : OrMore<{ [K in keyof Shape]: Open<Shape[K]> }>

/** Two, since a value of an interface type fits no index signature. */
type OrMore<Shape> = Shape | (Shape & { readonly [key: string]: unknown })

type CheckSource<Config> = {
  [K in keyof Config]: K extends 'resources'
    ? CheckResources<Config[K], RowsOf<Config>, NameOf<Resources<Config>>, DefaultsOf<Config>>
    : K extends 'client'
      ? CheckSchemes<Config[K], ClientConfig>
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
  : {
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
  [K in keyof Given]: K extends 'auth'
    ? Choice<Given[K], AuthConfig, 'auth scheme'>
    : K extends 'paginator'
      ? Choice<Given[K], PaginatorConfig, 'paginator'>
      : K extends 'path' | 'json' | 'data' | 'headers'
        ? Given[K]
        : K extends keyof Shape
          ? Exact<Given[K], Shape[K]>
          : UnknownOption<K, Shape>
}

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

type ResolvedIn<Endpoint> = Endpoint extends { readonly params: infer Params }
  ? ValuesOf<Params> extends infer Value
    ? Value extends { readonly type: 'resolve'; readonly resource: infer Parent extends string }
      ? `${Parent}.`
      : never
    : never
  : never

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
