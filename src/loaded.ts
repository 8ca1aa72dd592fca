import { SynclineError } from './errors.ts'

/**
 * A part of the package that is only loaded when it is needed. What a platform throws when it cannot load one (offline,
 * say) becomes an error that is retryable as any request is: the next call asks for the part again.
 *
 * @example const { signJwt } = await loaded(import('./jwt.ts'))
 */
export async function loaded<Part>(part: Promise<Part>): Promise<Part> {
  try {
    return await part
  } catch {
    throw new SynclineError('network', 'a part of Syncline could not be loaded', {
      retryable: true,
      hint: 'Is the device offline? Else check that all chunks of your build are served, those of the last one too.',
    })
  }
}
