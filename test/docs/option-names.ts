import { readdirSync, readFileSync } from 'node:fs'

/** The files of a folder that have this in their text. */
export function filesIn(folder: string, pattern: RegExp): string[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
  return files.filter((file) => pattern.test(readFileSync(file, 'utf8')))
}

/** The names of the fields of exported interfaces. */
export function fieldsOf(file: string, internal?: RegExp): string[] {
  const interfaces = readFileSync(file, 'utf8').matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)
  return [...interfaces].flatMap(([, name = '', body = '']) =>
    internal?.test(name)
      ? []
      : [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].flatMap(([, field]) => field ?? []),
  )
}

/** The auth schemes and the mechanisms of paging: `type`, and the file with the interface of the options. */
export const authSchemes = filesIn('src/auth', /^export const \w+: AuthScheme/m).map(withType)
export const mechanisms = filesIn('src/paginators/options', /^export interface \w+Options /m).map(withType)

function withType(file: string): [type: string, file: string] {
  const [, type = ''] = /^ {2}type: '(\w+)',?$/m.exec(readFileSync(file, 'utf8')) ?? []
  return [type, file]
}

/** What stands under a heading of a page, up to the next one. */
export function sectionOf(page: string, heading: string): string {
  const [, section = ''] = readFileSync(page, 'utf8').split(new RegExp(`^#+ ${heading}$`, 'm'))
  return section.split(/^#+ /m)[0] ?? ''
}
