import type { Theme } from './suite.ts'
import { paginators } from './themes/paginators.ts'
import { stores } from './themes/stores.ts'

/** All that is tested in every runtime. */
export const themes: readonly Theme[] = [paginators, ...stores]
