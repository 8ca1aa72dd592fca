import type { Auth } from './auth.ts'

/** Signs with a header, which takes the place of one in the config. */
export function headerAuth(name: string, makeValue: () => Promise<string>): Auth {
  return {
    async sign(request) {
      request.headers.set(name, await makeValue())
      return request
    },
  }
}
