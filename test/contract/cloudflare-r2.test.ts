import { runInWorkerd } from './support/workerd.ts'

runInWorkerd(['r2'])
