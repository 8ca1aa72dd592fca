import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { takeLease } from '../../../adapters/filesystem-lease.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-lease-'))
  path = join(folder, 'lease')
})

/** Waits as one process sees them: each ends when the test says so, or is cut. */
function sleeper() {
  const waits: { ms: number; end(): void }[] = []
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      waits.push({ ms, end: resolve })
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  return { waits, sleep, beat: async () => waits.at(-1)?.end() }
}

async function take(sleep: ReturnType<typeof sleeper>['sleep'], signal?: AbortSignal) {
  const dir = folder
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return takeLease(folder, async () => {}, sleep, signal)
}

async function age(seconds: number): Promise<void> {
  const time = new Date(Date.now() - seconds * 1000)
  await utimes(path, time, time)
}

const secondsOld = async () => (Date.now() - (await stat(path)).mtimeMs) / 1000

/** Whether another process, of another machine, gets the lease at once: it asks, and gives up when it has to wait. */
async function isFree(): Promise<boolean> {
  const controller = new AbortController()
  const { sleep } = sleeper()
  const wait = (ms: number, signal?: AbortSignal) => {
    if (ms < 1000) controller.abort(new Error('it has to wait'))
    return ms < 1000 ? Promise.resolve() : sleep(ms, signal)
  }
  return take(wait, controller.signal).then(
    (lease) => lease.giveBack().then(() => true),
    () => false,
  )
}

test('its heart beats every 5 s, so that it is kept however long the work takes', async () => {
  const { waits, sleep, beat } = sleeper()
  const lease = await take(sleep)
  for (let beats = 1; beats <= 3; beats++) {
    await expect.poll(() => waits.map(({ ms }) => ms)).toEqual(Array(beats).fill(5000))
    await age(29)
    expect(await isFree()).toBe(false)
    await beat()
    await expect.poll(secondsOld).toBeLessThan(5)
  }
  expect(await lease.isLost()).toBe(false)
  await lease.giveBack()
  expect(await readdir(folder)).toEqual([])
})

test.each([
  [28, false],
  [31, true],
])('a lease from elsewhere whose heart has not beaten for %i s is free: %s', async (seconds, free) => {
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', id: 'x' }))
  await age(seconds)
  expect(await isFree()).toBe(free)
})

test('who has lost it does not keep that of another alive, and does not give it back', async () => {
  const { waits, sleep, beat } = sleeper()
  const lease = await take(sleep)
  const theirs = JSON.stringify({ pid: 1, host: 'elsewhere', id: 'y' })
  await writeFile(path, theirs)
  await age(60)
  await expect.poll(() => waits).toHaveLength(1)
  await beat()
  await expect.poll(() => waits).toHaveLength(2)
  expect(await secondsOld()).toBeGreaterThan(50)
  expect(await lease.isLost()).toBe(true)
  await lease.giveBack()
  expect(await readFile(path, 'utf8')).toBe(theirs)
})
