import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkFences } from './fences/check.ts'

const paths = ['src', 'adapters']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))

const problems = checkFences(Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')])))

for (const problem of problems) console.error(problem)
console.log(`${paths.length} files, ${problems.length} violations of the import rules`)
process.exitCode = problems.length > 0 ? 1 : 0
