import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** What is used of puppeteer-core, which is installed beside the runtimes. */
interface Puppeteer {
  launch(
    options: object,
  ): Promise<{ newPage(): Promise<{ goto(url: string): Promise<unknown> }>; close(): Promise<void> }>
}

/** Firefox as it is released, by WebDriver BiDi; no other driver can do that without a download. */
export async function openFirefox(executablePath: string, url: string): Promise<{ close(): Promise<void> }> {
  const { launch } = createRequire(new URL('../package.json', import.meta.url))('puppeteer-core') as Puppeteer
  const home = await mkdtemp(join(tmpdir(), 'syncline-firefox-'))
  const browser = await launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    protocol: 'webDriverBiDi',
    env: { ...process.env, HOME: home },
  })
  const page = await browser.newPage()
  await page.goto(url)
  return {
    async close() {
      await browser.close()
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}
