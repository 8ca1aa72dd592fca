import { createServer } from 'node:http'
import { record } from './record.ts'

/** A process of its own: pages of records of about 300 bytes, made beforehand, so that only the client is measured. */
const RECORDS = 100_000
const pages = new Map<string, Buffer>()

function page(offset: number, limit: number): Buffer {
  const key = `${offset}/${limit}`
  const known = pages.get(key)
  if (known !== undefined) return known
  const data = Array.from({ length: Math.max(0, Math.min(limit, RECORDS - offset)) }, (_, i) => record(offset + i))
  const body = Buffer.from(JSON.stringify({ data, total: RECORDS }))
  pages.set(key, body)
  return body
}

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const body = page(Number(searchParams.get('offset') ?? 0), Number(searchParams.get('limit') ?? 100))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
})
for (let offset = 0; offset < RECORDS; offset += 1000) page(offset, 1000)
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => server.close(() => process.exit(0)))
