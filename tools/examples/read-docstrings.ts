import type { Block, Example } from './read-markdown.ts'

/** An option as a docstring shows it: `auth: { … }`. */
const OPTION = /^(?=\w+: )/m

/**
 * The examples in the docstrings of a source file. One that shows options, such as `auth: { token: 'abc' }`, becomes an
 * example for each of them, in which an object with it must be a `Fragment`: a type that `prelude` declares.
 */
export function readDocstrings(file: string, text: string, prelude: string): Example[] {
  const hidden: Block = { code: prelude, line: 0, hidden: true }
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) =>
    codesIn(comment).flatMap(({ code, at }) => {
      const line = text.slice(0, index + at).split('\n').length
      const blocks = OPTION.test(code) ? code.split(OPTION).map(asFragment) : [code]
      return blocks.map((each): Example => {
        const block = { code: each, line, hidden: false }
        // What imports for itself stands alone.
        return { file, line, run: false, blocks: /^import /m.test(each) ? [block] : [hidden, block] }
      })
    }),
  )
}

const asFragment = (option: string) =>
  /^\w+: /.test(option) ? `const fragment: Fragment = { ${option.trim().replace(/ \/\/.*$/m, '')} }` : option

/** What stands below each `@example`, to the next tag or the end. */
function codesIn(comment: string): { code: string; at: number }[] {
  return [...comment.matchAll(/@example.*\n([\s\S]*?)(?=\n *\* @|\*\/)/g)].map(({ 1: body = '', index }) => ({
    code: body.replaceAll(/^ *\* ?/gm, '').trimEnd(),
    at: index,
  }))
}
