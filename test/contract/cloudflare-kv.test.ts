import { runInWorkerd } from './support/workerd.ts'

runInWorkerd(['kv, one writer', 'kv, head in R2'])
