import { describe, expect, test } from 'vitest'
import { ageOf, canonicalMicroTime, canonicalTime, formatMicroTime, formatTime, humanDuration, parseTime } from './time'

describe('times', () => {
  test.each([
    ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00Z'], ['2026-11-01T10:00:00.999999999Z', '2026-11-01T10:00:00Z'], ['2024-02-29T23:30:00-01:00', '2024-03-01T00:30:00Z'],
    ['2024-01-31T00:00:00Z', '2024-01-31T00:00:00Z'], ['0001-01-01T00:00:00Z', null],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalTime(text)).toBe(canonical)
  })
  test.each([
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['2023-02-28T24:00:00Z', 'parsing time "2023-02-28T24:00:00Z": hour out of range'],
    ['2023-02-28', 'parsing time "2023-02-28" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['2023-02-28T00:00:00', 'parsing time "2023-02-28T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'],
    ['2023-02-28T00:00:00Zx', 'parsing time "2023-02-28T00:00:00Zx": extra text: "x"'],
    ['', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
  ])('%j is refused', (text, message) => {
    expect(() => canonicalTime(text)).toThrow(message)
  })
  test('micro times have six decimals', () => {
    expect(canonicalMicroTime('2026-11-01T10:00:00.000001Z')).toBe('2026-11-01T10:00:00.000001Z')
    expect(() => canonicalMicroTime('2026-11-01T10:00:00Z')).toThrow('cannot parse "Z" as ".000000"')
    expect(parseTime('1970-01-01T00:00:01.5Z')).toEqual({ seconds: 1, microseconds: 500_000 })
    expect(formatTime(1500)).toBe('1970-01-01T00:00:01Z')
    expect(formatMicroTime(1500.25)).toBe('1970-01-01T00:00:01.500250Z')
  })
})

test.each([
  [-2, '<invalid>'], [-1, '0s'], [0, '0s'], [119, '119s'], [120, '2m'], [125, '2m5s'], [600, '10m'], [3 * 3600 - 1, '179m'], [3 * 3600, '3h'], [3 * 3600 + 60, '3h1m'],
  [8 * 3600 + 60, '8h'], [47 * 3600, '47h'], [48 * 3600, '2d'], [49 * 3600, '2d1h'], [8 * 86400, '8d'], [729 * 86400, '729d'], [730 * 86400, '2y'], [731 * 86400, '2y1d'], [2920 * 86400, '8y'],
])('%d seconds read %s', (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text)
})

test('ages', () => {
  expect(ageOf('1970-01-01T00:00:00Z', 5000)).toBe('5s')
  expect(ageOf(undefined, 5000)).toBe('<unknown>')
})
