import { expect, test } from 'vitest'
import { Heap } from './heap'

test('gives back what it holds in order, without what was taken out of its middle', () => {
  const items = [5, 3, 8, 1, 9, 2, 7].map((n) => ({ n }))
  const heap = new Heap<{ n: number }>((a, b) => a.n < b.n)
  for (const item of items) heap.push(item)
  heap.delete(items[2]!)
  heap.delete(items[3]!)
  const order: number[] = []
  for (let item = heap.pop(); item; item = heap.pop()) order.push(item.n)
  expect(order).toEqual([2, 3, 5, 7, 9])
})
