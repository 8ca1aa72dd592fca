/**
 * What the tests use of the server, which brings no types. Its version 8 is the last that its author supports on Node 20;
 * version 9 begins with a warning there.
 */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export interface Client {
    readonly clientId: string
  }

  /** A request to the server, as its framework shows it. */
  export interface Context {
    readonly path: string
    readonly headers: { readonly authorization?: string }
    status: number
    body: unknown
    readonly oidc: {
      readonly client: Client
      readonly params: Readonly<Record<string, string | undefined>>
      /** The form as it came. */
      readonly body?: Readonly<Record<string, string>>
    }
  }

  type Handler = (context: Context, next: () => Promise<void>) => Promise<void>

  interface Token {
    readonly expiration: number
    readonly tokenType: string
    /** Its value. */
    save(): Promise<string>
    destroy(): Promise<void>
  }

  interface Grant extends Token {
    addOIDCScope(scope: string): void
  }

  interface Model<T> {
    new (fields: object): T
    find(value: string): Promise<T | undefined>
  }

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly AccessToken: Model<Token>
    readonly ClientCredentials: Model<Token>
    readonly RefreshToken: Model<Token>
    readonly Grant: Model<Grant>
    readonly Client: { find(id: string): Promise<Client | undefined> }
    use(handler: Handler): void
    registerGrantType(name: string, handler: Handler, parameters: readonly string[]): void
    callback(): RequestListener
  }

  export const errors: {
    readonly InvalidGrant: new (detail: string) => Error
    readonly InvalidTarget: new () => Error
  }
}
