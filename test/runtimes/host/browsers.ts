import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createProfile } from '../../support/chromium.ts'
import type { Outcome } from '../suite/suite.ts'
import { openFirefox } from './firefox.ts'
import { NO_FILES, NOT_CLOUDFLARE, type Runtime } from './runtime.ts'
import { findMiniBrowser, openWebKit } from './webkit.ts'

const LACKS: Runtime['lacks'] = {
  'visible redirects': 'browsers hide where redirects lead',
  cookies: 'browsers let no code set a cookie header',
  files: NO_FILES,
  Cloudflare: NOT_CLOUDFLARE,
}

/** A browser that shows this page, until it is closed. */
export type OpenBrowser = (program: string, url: string) => Promise<{ close(): Promise<void> }>

/** A page says by itself what came of it, so that all a driver has to do is to show it. */
function browser(name: string, fromNpm: boolean, missing: string, find: Runtime['find'], open: OpenBrowser): Runtime {
  return {
    name,
    lacks: LACKS,
    fromNpm,
    missing,
    find,
    async run(program, task, { consumer, api }) {
      api.serve('/page.js', 'text/javascript; charset=utf-8', readFileSync(await consumer.bundle('page'), 'utf8'))
      const worker = readFileSync('node_modules/msw/lib/mockServiceWorker.js', 'utf8')
      api.serve('/mockServiceWorker.js', 'text/javascript; charset=utf-8', worker)
      const page = '<!doctype html><meta charset="utf-8"><title>suite</title><script src="/page.js"></script>'
      api.serve(`/${task.runtime}`, 'text/html; charset=utf-8', page)
      api.serve(`/${task.runtime}/task`, 'application/json', JSON.stringify(task))
      const posted = api.posted(task.runtime)
      const shown = await open(program, `${task.api}/${task.runtime}`)
      try {
        const late = delay(300_000, '', { ref: false }).then(() => Promise.reject(new Error('The page says nothing')))
        return JSON.parse(await Promise.race([posted, late])) as Outcome[]
      } finally {
        await shown.close()
      }
    },
  }
}

async function openChromium(_: string, url: string) {
  const profile = await createProfile()
  const page = await (await profile.start()).newPage()
  await page.goto(url)
  return { close: () => profile.remove() }
}

const first = (paths: string[]) => paths.find((path) => existsSync(path))

export const browsers: Runtime[] = [
  browser('Chromium', true, 'set CHROMIUM to the path of one', () => 'chromium', openChromium),
  browser(
    'Firefox',
    false,
    'apt-get install firefox-esr',
    () => first(['/usr/bin/firefox-esr', '/usr/bin/firefox']),
    openFirefox,
  ),
  browser('WebKit', false, 'apt-get install webkit2gtk-driver xvfb', findMiniBrowser, openWebKit),
]
