import { expect, onTestFinished, test, vi } from 'vitest'
import { actualColumn, expectedColumn } from '../../runtimes/host/matrix.ts'
import { printFailures, printMatrix } from '../../runtimes/host/print.ts'
import type { Runtime } from '../../runtimes/host/runtime.ts'

const runtime = (name: string, lacks: Runtime['lacks'] = {}): Runtime => ({
  name,
  lacks,
  fromNpm: false,
  missing: `install ${name}`,
  find: () => undefined,
  run: () => Promise.reject(new Error('not here')),
})

const themes = [
  { name: 'retry', cases: [{ name: 'waits' }, { name: 'gives up' }] },
  { name: 'store: files', cases: [{ name: 'rows', needs: ['files'] }] },
]
const NODE = runtime('Node')
const BROWSER = runtime('Browser', { files: 'no file system' })
const ABSENT = runtime('Absent')

const passed = (theme: string, name: string) => ({ theme, name })

/** What is printed, line by line. */
function printed(print: () => void): string[] {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  onTestFinished(() => write.mockRestore())
  print()
  return lines.map((line) => line.trimEnd())
}

test('a case that was not run has failed, and so has one that nobody asked for', () => {
  const column = actualColumn(expectedColumn(themes, BROWSER), [
    passed('retry', 'waits'),
    passed('store: files', 'rows'),
    passed('retry', 'new'),
  ])
  expect([...column]).toEqual([
    ['retry: waits', 'passed'],
    ['retry: gives up', { failed: 'It was not run' }],
    ['store: files: rows', { notHere: 'no file system' }],
    ['retry: new', { failed: 'Nobody asked for it' }],
  ])
})

test('the matrix says why a cell does not apply, and loudly what is not there', () => {
  const all = [passed('retry', 'waits'), passed('retry', 'gives up'), passed('store: files', 'rows')]
  const columns = new Map([
    ['Node', actualColumn(expectedColumn(themes, NODE), all)],
    ['Browser', actualColumn(expectedColumn(themes, BROWSER), all.slice(1, 2))],
  ])
  expect(printed(() => printMatrix(themes, [NODE, BROWSER, ABSENT], columns))).toEqual([
    '                Node  Browser',
    'retry              2       !1',
    'store: files       1        -',
    'Does not apply, no file system: store: files (Browser)',
    '!!! NOT RUN, SO NOTHING IS PROVED ABOUT IT: Absent (install Absent) !!!',
  ])
  let failures = 0
  const lines = printed(() => {
    failures = printFailures([NODE, BROWSER, ABSENT], columns)
  })
  expect([failures, lines]).toEqual([1, ['\nFAIL Browser, retry: waits\nIt was not run']])
})
