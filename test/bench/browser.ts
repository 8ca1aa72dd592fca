import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { createProfile } from '../support/chromium.ts'

/** A page of a browser of its own, and the processor time that this browser has taken. */
export interface BenchPage<Bench> {
  call<Name extends keyof Bench & string>(name: Name, ...args: ArgsOf<Bench[Name]>): Promise<number>
  /** In ms, when the browser has come to rest: what it still does in the background is part of the price. */
  cpu(): Promise<number>
  close(): Promise<void>
}

type Callable = (...args: never[]) => unknown
type ArgsOf<Run> = Run extends (...args: infer Args) => unknown ? Args : never

/** Bundles a script that puts an object `bench` into the page, and opens it. */
export async function openPage<Bench>(script: string): Promise<BenchPage<Bench>> {
  const bundle = await build({ entryPoints: [script], bundle: true, format: 'iife', target: 'es2022', write: false })
  const server = createServer(({ url }, response) => {
    const isScript = url === '/bench.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    const html = '<!doctype html><title>bench</title><script src="/bench.js"></script>'
    response.end(isScript ? bundle.outputFiles[0]?.text : html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const profile = await createProfile()
  const context = await profile.start()
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const devtools = await context.browser()?.newBrowserCDPSession()

  async function cpuNow(): Promise<number> {
    const { processInfo = [] } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? {}
    return processInfo.reduce((total, { cpuTime }) => total + cpuTime * 1000, 0)
  }
  return {
    call: (name, ...args) =>
      page.evaluate<number, [string, unknown[]]>(
        ([method, given]) =>
          (globalThis as unknown as { bench: Record<string, Callable> }).bench[method]?.(
            ...(given as never[]),
          ) as number,
        [name, args],
      ),
    // Waits until the browser is idle: what it still does after a call (compression, garbage) belongs to that call.
    async cpu() {
      for (let before = await cpuNow(); ; ) {
        await new Promise((resolve) => setTimeout(resolve, 300))
        const now = await cpuNow()
        if (now - before < 30) return now
        before = now
      }
    },
    async close() {
      await profile.remove()
      server.closeAllConnections()
      server.close()
    },
  }
}
