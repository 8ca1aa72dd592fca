import type { Auth } from '../auth/auth.ts'
import type { ClientConfig } from './client.ts'
import { resolveRateLimit } from './rate-limit.ts'
import type { ResolvedClient } from './resolved.ts'
import { resolveRetry } from './retry.ts'
import { resolveTimeout } from './timeout.ts'

export function resolveClient(config: ClientConfig, auth: Auth | undefined): ResolvedClient {
  return {
    baseUrl: config.baseUrl,
    headers: config.headers ?? {},
    auth,
    allowedOrigins: (config.allowedOrigins ?? []).map((allowed) => {
      const { origin, credentials = false } = typeof allowed === 'string' ? { origin: allowed } : allowed
      return { origin: new URL(origin).origin, credentials }
    }),
    redirect: config.redirect ?? 'manual',
    retry: resolveRetry(config.retry),
    rateLimit: config.rateLimit && resolveRateLimit(config.rateLimit),
    timeout: resolveTimeout(config.timeout),
    maxBodyBytes: config.maxBodyBytes ?? 32 * 1024 * 1024,
    bigint: config.bigint ?? 'error',
  }
}
