// `npm run demo`: the whole story. `-- --kill`: killed in mid-run. `-- --serve`: only the API, to play with.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { duration, plural } from '../src/cli/text.ts'
import { killAndGoOn } from './demo/kill.ts'
import { createScreen } from './demo/screen.ts'
import { walkThrough } from './demo/walkthrough.ts'
import { createDemoApi } from './demo-api/demo-api.ts'
import { serve } from './demo-api/server.ts'

const DIR = '.syncline'
const { kill, serve: serveOnly } = parseArgs({
  options: { kill: { type: 'boolean' }, serve: { type: 'boolean' } },
}).values

const api = createDemoApi({ flaky: { rate: 0.01 }, latencyMs: kill ? 3 : 0 })
const server = await serve(api, serveOnly ? 8787 : 0)

if (serveOnly) {
  console.log(`The demo API is at ${server.origin}, its api_key is demo-key. Ctrl-C ends it. In another terminal:

  node --import ./tools/ts.mjs src/cli/main.ts sync playground/crm.config.ts --to ${DIR}
  node --import ./tools/ts.mjs src/cli/main.ts show transactions --from ${DIR}
  node --import ./tools/ts.mjs src/cli/main.ts schema --from ${DIR} --as typescript`)
} else {
  const started = Date.now()
  const screen = createScreen()
  const dataset = kill ? 'crm-killed' : 'crm'
  try {
    await (kill ? killAndGoOn(api, server.origin, DIR, dataset, screen) : walkThrough(api, server.origin, DIR, screen))
  } finally {
    await server.close()
  }
  const failures = screen.failures()
  console.log(
    `\n${failures === 0 ? 'All of it holds' : `${plural(failures, 'claim')} did not hold`} (${duration(Date.now() - started)}).`,
  )
  console.log(
    `Look at the copy: node --import ./tools/ts.mjs src/cli/main.ts show transactions --from ${DIR} --dataset ${dataset}`,
  )
  process.exitCode = failures === 0 ? 0 : 1
}
