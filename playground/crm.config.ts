// The demo's config for the command: `npm run demo -- --serve` says how to use it.
import process from 'node:process'
import { crm } from './crm.ts'

export default crm(process.env.DEMO_URL ?? 'http://127.0.0.1:8787', process.env.DEMO_KEY ?? 'demo-key')
