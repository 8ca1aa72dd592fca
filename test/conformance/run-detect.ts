import { expect } from 'vitest'
import { detectPaginator } from '../../src/paginators/detect.ts'
import { findRecordsPath } from '../../src/select/auto.ts'
import type { DetectCase } from './cases.ts'

/** What a first response tells; options of ours that dlt does not have may stand beside. */
export async function runDetect({ response, expect: expected }: DetectCase): Promise<void> {
  const body = response.json ?? null
  const detected = detectPaginator({ headers: new Headers(response.headers), body, url: 'https://api.example.com/x' })
  const options = Object.entries(expected.paginator).map(([name, value]) => [camelCase(name), value])
  expect(detected).toMatchObject(Object.fromEntries(options))
  expect(findRecordsPath(body)).toBe(expected.data_path)
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
