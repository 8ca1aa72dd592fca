import type { Theme } from './suite.ts'
import { abort } from './themes/abort.ts'
import { auth } from './themes/auth.ts'
import { bodies } from './themes/bodies.ts'
import { children } from './themes/children.ts'
import { config } from './themes/config.ts'
import { deadlines } from './themes/deadlines.ts'
import { errors } from './themes/errors.ts'
import { fullRefresh } from './themes/full-refresh.ts'
import { incremental } from './themes/incremental.ts'
import { merge } from './themes/merge.ts'
import { mocked } from './themes/mocked.ts'
import { origins } from './themes/origins.ts'
import { paginators } from './themes/paginators.ts'
import { platform } from './themes/platform.ts'
import { redaction } from './themes/redaction.ts'
import { redirects } from './themes/redirects.ts'
import { retry } from './themes/retry.ts'
import { schema } from './themes/schema.ts'
import { stores } from './themes/stores.ts'

/** All that is tested in every runtime. */
export const themes: readonly Theme[] = [
  platform,
  config,
  auth,
  paginators,
  retry,
  deadlines,
  abort,
  redirects,
  origins,
  redaction,
  bodies,
  merge,
  schema,
  children,
  incremental,
  fullRefresh,
  errors,
  ...stores,
  mocked,
]
