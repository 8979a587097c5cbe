import { expect, test } from 'vitest'
import { parseSchedule } from './schedule'
import { formatIn } from './zoned-time'

const next = (schedule: string, from: string, zone = 'UTC', count = 1) => {
  const parsed = parseSchedule(schedule, zone)
  const found: string[] = []
  for (let t: number | undefined = Date.parse(from); found.length < count; found.push(formatIn(zone, t))) {
    t = parsed.next(t)
    if (t === undefined) return ['never']
  }
  return found
}

test.each<[string, string, string]>([
  ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z'],
  ['*/15 * * * *', '2026-01-01T00:14:59.5Z', '2026-01-01T00:15:00Z'],
  ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45:00Z'],
  ['20-35/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:20:00Z'],
  ['0 0 1 jan ?', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['30 8 * * Mon-Fri', '2026-01-02T09:00:00Z', '2026-01-05T08:30:00Z'],
  // Either day will do where both are restricted, both must fit where one is a star.
  ['0 0 13 * 5', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00Z'],
  ['0 0 */2 * 5', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00Z'],
  ['0 0 13 * *', '2026-01-01T12:00:00Z', '2026-01-13T00:00:00Z'],
  ['@monthly', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['@every 1h30m', '2026-01-01T00:00:00.7Z', '2026-01-01T01:30:00Z'],
])('%s after %s: %s', (schedule, from, expected) => {
  expect(next(schedule, from)).toEqual([expected])
})

test('a day that never comes', () => expect(next('0 0 31 2 *', '2026-01-01T00:00:00Z')).toEqual(['never']))

test('in a time zone, over the turns of its clock', () => {
  expect(next('0 3 * * *', '2026-03-27T12:00:00Z', 'Europe/Berlin', 2)).toEqual(['2026-03-28T03:00:00+01:00', '2026-03-29T03:00:00+02:00'])
  // Half past two is left out in spring, and comes twice in autumn.
  expect(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toEqual(['2026-03-30T02:30:00+02:00'])
  expect(next('30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin', 2)).toEqual(['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00'])
  expect(next('0 0 * * *', '2026-01-01T00:00:00Z', 'Asia/Kolkata')).toEqual(['2026-01-02T00:00:00+05:30'])
  expect(next('15 * * * *', '2026-01-01T00:00:00Z', 'Asia/Kolkata')).toEqual(['2026-01-01T06:15:00+05:30'])
  // No midnight: the clock goes from 23:59 to 01:00.
  expect(next('0 12 6 9 *', '2025-09-01T00:00:00Z', 'America/Santiago')).toEqual(['2025-09-06T12:00:00-04:00'])
  expect(next('0 12 7 9 *', '2025-09-06T00:00:00Z', 'America/Santiago')).toEqual(['2025-09-07T12:00:00-03:00'])
})

test('what is no schedule', () => {
  expect(() => parseSchedule('* * * *', 'UTC')).toThrow('expected exactly 5 fields, found 4: [* * * *]')
  expect(() => parseSchedule('60 * * * *', 'UTC')).toThrow('above maximum (59)')
})
