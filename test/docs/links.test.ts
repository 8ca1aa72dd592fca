import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const files = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...readdirSync('docs').map((name) => join('docs', name))]
const pages = files.filter((file) => file.endsWith('.md') && existsSync(file))

test.each(pages)('the links of %s lead somewhere', (page) => {
  expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([])
})

test('a link to nowhere is found', () => {
  expect(leadsSomewhere('README.md', 'docs/nowhere.md')).toBe(false)
  expect(leadsSomewhere('README.md', 'docs/errors.md#nowhere')).toBe(false)
  expect(leadsSomewhere('README.md', 'docs/errors.md#config_invalid')).toBe(true)
})

function linksOf(page: string): string[] {
  const text = withoutCode(readFileSync(page, 'utf8'))
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? [])
  return targets.filter((target) => !/^https?:/.test(target))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsOf(target).includes(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = withoutCode(readFileSync(page, 'utf8')).matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^ *(`{3,})[\s\S]*?^ *\1$/gm, '')
}
