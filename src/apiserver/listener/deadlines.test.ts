import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { Deadlines, type Due } from './deadlines'

const deadlines = (longest: number) => {
  const clock = createFakeClock()
  const expired: string[] = []
  return { clock, expired, deadlines: new Deadlines(clock, longest), due: (name: string): Due => ({ slot: -1, at: 0, expired: () => void expired.push(name) }) }
}

test('each is let down when its own time is over, whatever the order in which they came', async () => {
  const it = deadlines(60_000)
  it.deadlines.add(it.due('late'), undefined)
  it.deadlines.add(it.due('early'), 1000)
  it.deadlines.add(it.due('longer than anybody may'), 1_000_000)
  it.deadlines.add(it.due('middle'), 5000)
  await it.clock.advance(999)
  expect(it.expired).toEqual([])
  await it.clock.advance(1)
  expect(it.expired).toEqual(['early'])
  await it.clock.advance(4000)
  expect(it.expired).toEqual(['early', 'middle'])
  await it.clock.advance(55_000)
  expect(it.expired.slice(2).sort()).toEqual(['late', 'longer than anybody may'])
})

test('what was done in time is never let down, and leaves no timer that starts again', async () => {
  const it = deadlines(1000)
  for (let i = 0; i < 100; i++) {
    const due = it.due(`${i}`)
    it.deadlines.add(due)
    it.deadlines.done(due)
  }
  await it.clock.advance(10_000)
  expect(it.expired).toEqual([])
  expect(it.clock.pending).toBe(0)
  const last = it.due('last')
  it.deadlines.add(last)
  await it.clock.advance(1000)
  expect(it.expired).toEqual(['last'])
})
