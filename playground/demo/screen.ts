import process from 'node:process'
import { styleText } from 'node:util'

/** What a demo prints, and whether all that it claimed was true. */
export interface Screen {
  heading(text: string): void
  say(text: string): void
  /** Prints the claim with a tick or a cross, by what was measured. */
  claim(text: string, holds: boolean): void
  failures(): number
}

type Format = Parameters<typeof styleText>[0]

export function createScreen(): Screen {
  const colored = process.stdout.isTTY && !process.env.NO_COLOR
  const style = (format: Format, text: string) => (colored ? styleText(format, text) : text)
  let sections = 0
  let failed = 0
  return {
    heading(text) {
      sections++
      const title = `${sections}. ${text}`
      console.log(`\n${style('bold', title)}\n${'─'.repeat(title.length)}`)
    },
    say: (text) => console.log(text),
    claim(text, holds) {
      if (!holds) failed++
      console.log(holds ? `${style('green', '✔')} ${text}` : style('red', `✘ NOT SO: ${text}`))
    },
    failures: () => failed,
  }
}
