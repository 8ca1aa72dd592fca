import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const codes = matches('src/error-codes.ts', /^ {2}\| '([a-z_]+)'/gm)
const entries = matches('docs/errors.md', /^### `([a-z_]+)`$/gm)

test('the codes are read', () => {
  expect(codes).toContain('config_invalid')
  expect(codes).toContain('store_unavailable')
})

test('each error code has one entry, in the order of the source, and no entry is left over', () => {
  expect(entries).toEqual(codes)
})

test('each entry says what to do', () => {
  const texts = readFileSync('docs/errors.md', 'utf8').split(/^#{2,3} /m)
  const silent = texts.filter((text) => text.startsWith('`') && !/^- \*\*Do:\*\* \S/m.test(text))
  expect(silent).toEqual([])
})

function matches(file: string, pattern: RegExp): string[] {
  return [...readFileSync(file, 'utf8').matchAll(pattern)].flatMap(([, code]) => code ?? [])
}
