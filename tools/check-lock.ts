/**
 * npm drops optional packages (those for other platforms) that the registry does not have from the lock without a word,
 * and then `npm ci` rejects its own lock. This finds them, and addresses of one machine's registry.
 */
import { readFileSync } from 'node:fs'
import { type Lock, lockProblems } from './lock.ts'

const locks = ['package-lock.json', 'test/runtimes/package-lock.json']
const problems = locks.flatMap((file) => lockProblems(JSON.parse(readFileSync(file, 'utf8')) as Lock))

for (const problem of problems) console.error(problem)
console.log(`${problems.length} problems in ${locks.join(', ')}`)
process.exitCode = problems.length > 0 ? 1 : 0
