import { expect, test } from 'vitest'
import { Listeners } from '../../../src/store/listeners.ts'

test('all are told, later and once each, but for those who are gone by then', async () => {
  const told: string[] = []
  const listeners = new Listeners()
  const same = () => told.push('same')
  const remove = [listeners.add(same), listeners.add(same), listeners.add(() => told.push('gone'))]
  listeners.tell()
  expect(told).toEqual([])
  remove[2]?.()
  await null
  expect(told).toEqual(['same', 'same'])
  remove[0]?.()
  listeners.tell()
  await null
  expect(told).toHaveLength(3)
})
