import { expect, test } from 'vitest'
import { Slots } from './slots'

const item = (name: string) => ({ name, slot: -1 })

test('holds what was put in until it is taken out, once', () => {
  const slots = new Slots<ReturnType<typeof item>>()
  const [a, b, c] = [item('a'), item('b'), item('c')]
  slots.add(a)
  slots.add(b)
  expect(slots.delete(a)).toBe(true)
  expect(slots.delete(a)).toBe(false)
  expect(slots.has(a)).toBe(false)
  slots.add(c)
  expect([...slots].map(({ name }) => name).sort()).toEqual(['b', 'c'])
  expect(slots.delete(c) && slots.delete(b)).toBe(true)
  expect([...slots]).toEqual([])
})

test('what stands elsewhere is not taken for its own', () => {
  const [one, other] = [new Slots<ReturnType<typeof item>>(), new Slots<ReturnType<typeof item>>()]
  const a = item('a')
  one.add(a)
  expect(other.has(a)).toBe(false)
  expect(other.delete(a)).toBe(false)
  expect(one.has(a)).toBe(true)
})

test('what is taken out while it is gone through is not met any more', () => {
  const slots = new Slots<ReturnType<typeof item>>()
  const all = [item('a'), item('b'), item('c')]
  for (const one of all) slots.add(one)
  const met: string[] = []
  for (const one of slots) {
    met.push(one.name)
    for (const other of all) slots.delete(other)
  }
  expect(met).toHaveLength(1)
})
