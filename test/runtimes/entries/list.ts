import { themes } from '../suite/themes.ts'

export interface Listed {
  readonly name: string
  readonly cases: readonly { readonly name: string; readonly needs?: readonly string[] }[]
}

/** All cases, for the host. */
export const list: readonly Listed[] = themes
