import type * as fs from 'node:fs/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { filesystemStore } from '../../../adapters/filesystem.ts'
import { isSynclineError } from '../../../src/errors.ts'
import { MemoryFiles } from '../../support/memory-files.ts'
import type { FileCall, Watch } from '../../support/watched-files.ts'
import { checkPair, expected, histories, playOn } from './histories.ts'

const watcher = vi.hoisted(() => ({ watch: undefined as Watch | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const { watchFiles } = await import('../../support/watched-files.ts')
  return watchFiles(await original<typeof fs>(), (call, run) => (watcher.watch ?? ((_, run) => run()))(call, run))
})

const READS = new Set<FileCall['op']>(['read', 'readFile', 'readdir', 'stat', 'close'])
const isWrite = ({ op, args }: FileCall) => !READS.has(op) && !(op === 'open' && args[0] === 'r') && op !== 'unlink'

type Fault = (call: FileCall, index: number, at: number) => 'before' | 'after' | undefined
const faults: [name: string, errno: string, code: string, fault: Fault][] = [
  ['is refused', 'EACCES', 'store_unavailable', (_, i, at) => (i === at ? 'before' : undefined)],
  ['fails', 'EIO', 'store_unavailable', (_, i, at) => (i === at ? 'before' : undefined)],
  ['fails although it took effect', 'EIO', 'store_unavailable', (_, i, at) => (i === at ? 'after' : undefined)],
  ['finds too many files open', 'EMFILE', 'store_unavailable', (_, i, at) => (i === at ? 'before' : undefined)],
  ['finds the disk full, as all writes after it', 'ENOSPC', 'store_full', (call, i, at) => full(call, i, at)],
  ['finds the quota used up, as all writes after it', 'EDQUOT', 'store_full', (call, i, at) => full(call, i, at)],
  ['finds a disk that is read-only from now on', 'EROFS', 'store_unavailable', (call, i, at) => full(call, i, at)],
]
const full = (call: FileCall, i: number, at: number) => (i >= at && isWrite(call) ? 'before' : undefined)

const FEW = ['a run per commit', 'tables that are dropped']
const few = histories
  .filter(([name]) => FEW.includes(name))
  .map(([name, limits, changes]) => ({ name, limits, changes: changes.slice(0, 6) }))

const sum = { positions: 0, errors: 0 }
afterAll(() => {
  process.stdout.write(
    `files, failing calls: ${sum.positions} positions in ${few.length} histories x ${faults.length} faults, ${sum.errors} coded errors, 0 violations\n`,
  )
})

test.each(faults.flatMap((fault) => few.map((history) => [...fault, history] as const)))(
  'a call of the file system that %s (%s, so %s), at every position',
  async (_, errno, code, fault, { limits, changes }) => {
    const states = expected(changes)
    for (let at = 0; ; at++) {
      const memory = new MemoryFiles([])
      let broken = true
      let calls = 0
      let ahead = 0
      watcher.watch = async <R>(call: FileCall, run: () => Promise<R>): Promise<R> => {
        const way = broken ? fault(call, calls++, at) : undefined
        if (way === undefined) return memory.watch(call, run)
        if (way === 'after') await memory.watch(call, run)
        throw Object.assign(new Error(`${errno}: a message with /a/path in it`), { code: errno })
      }
      const ports = { now: () => Date.now() + ahead }
      const open = () => filesystemStore('/data', { limits, ports }).open('d')
      const play = async () => {
        const dataset = await open()
        for (let half = 1; half <= 2; half++) {
          await dataset.lease(() => playOn(dataset, changes.slice(0, (changes.length * half) / 2)))
          ahead += 60_000
        }
      }
      const error = await play().catch((thrown) => thrown)
      if (error !== undefined) {
        sum.errors++
        expect([isSynclineError(error) && error.code, String(error).includes('/a/path')]).toEqual([code, false])
      }
      const struck = calls > at
      broken = false
      await checkPair(await open(), states)
      await play()
      expect(await checkPair(await open(), states)).toBe(changes.length - 1)
      if (!struck) break
      sum.positions++
    }
    watcher.watch = undefined
  },
  60_000,
)
