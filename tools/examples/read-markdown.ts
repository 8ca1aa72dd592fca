/** A piece of code in a document. */
export interface Block {
  readonly code: string
  /** The line of the document where the code begins, from 1. */
  readonly line: number
  /** Not seen by readers: the setup of the document. */
  readonly hidden: boolean
}

/** One example: what a reader sees in one fence, and what has to stand before it. */
export interface Example {
  readonly file: string
  readonly line: number
  /** Executed as well, not only type-checked. */
  readonly run: boolean
  /** The hidden setup of the document, the blocks that this one continues, and at the end the block itself. */
  readonly blocks: readonly Block[]
}

/** A fence of any language, so that what is shown inside of one is not taken for an example. */
const OPENS = /^(?<indent> *)(?<ticks>`{3,})(?<language>\w*) *(?<words>.*)$/
const SETUP = /^<!-- setup *$/
const WORDS = ['run', 'continues']

/**
 * The examples of a document:
 * - `ts`: a module of its own
 * - `ts continues`: goes on where the example before it ended
 * - `ts run`, `ts continues run`: executed, and values compared with `// =>` comments
 * - a comment that begins with `<!-- setup`: code that stands, unseen, before every example of the document
 */
export function readExamples(file: string, text: string): Example[] {
  const lines = text.split('\n')
  const examples: Example[] = []
  const setup: Block[] = []
  for (let i = 0; i < lines.length; i++) {
    const opening = OPENS.exec(lines[i] ?? '')?.groups
    const { indent = '', ticks = '', language, words = '' } = opening ?? {}
    const closing = opening ? `${indent}${ticks}` : SETUP.test(lines[i] ?? '') ? '-->' : undefined
    if (closing === undefined) continue
    const end = lines.findIndex((line, at) => at > i && line.trimEnd() === closing)
    if (end < 0) throw new Error(`${file}:${i + 1}: this block is never closed`)
    const code = lines.slice(i + 1, end).map((line) => line.slice(indent.length))
    const block = { code: code.join('\n'), line: i + 2, hidden: !opening }
    if (!opening) setup.push(block)
    else if (language === 'ts')
      examples.push(toExample(file, block, words.trim().split(/ +/).filter(Boolean), examples.at(-1)))
    i = end
  }
  return examples.map((example) => ({ ...example, blocks: [...setup, ...example.blocks] }))
}

function toExample(file: string, block: Block, words: string[], before: Example | undefined): Example {
  const unknown = words.find((word) => !WORDS.includes(word))
  if (unknown !== undefined) throw new Error(`${file}:${block.line - 1}: "${unknown}" is none of ${WORDS.join(', ')}`)
  const chain = words.includes('continues') ? before?.blocks : []
  if (chain === undefined)
    throw new Error(`${file}:${block.line - 1}: there is no example before that it could continue`)
  return { file, line: block.line, run: words.includes('run'), blocks: [...chain, block] }
}
