import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import {
  addQuantities, canonicalQuantity, compareQuantities, negateQuantity, parseQuantity, quantityAsNumber, quantityMilliValue, quantityOf, quantityProblem, quantityValue,
  subtractQuantities,
} from './quantity'

describe('canonical text', () => {
  test.each([
    ['0', '0'], ['0m', '0'], ['0Gi', '0'], ['0.0', '0'], ['-0', '0'],
    ['1', '1'], ['100', '100'], ['1000', '1k'], ['1000m', '1'], ['0.5', '500m'], ['1.5', '1500m'], ['.5', '500m'], ['500m', '500m'], ['100m', '100m'],
    ['1.5Gi', '1536Mi'], ['1024Mi', '1Gi'], ['1Gi', '1Gi'], ['512Mi', '512Mi'], ['2048Ki', '2Mi'], ['1Ki', '1Ki'], ['0.5Ki', '512'], ['0.5Mi', '512Ki'],
    ['1e3', '1e3'], ['1e4', '10e3'], ['1E6', '1E6'], ['12E', '12E'], ['1500M', '1500M'], ['3000M', '3G'], ['100000', '100k'], ['123456789', '123456789'],
    ['1n', '1n'], ['0.1n', '1n'], ['-0.1n', '-1n'], ['1.0000000001', '1000000001n'], ['0.1Ki', '102400m'], ['-5', '-5'], ['-1000m', '-1'],
    ['100Ei', '9223372036854775807'], ['64Gi', '64Gi'], ['1.500', '1.500'], [' 1 ', '1'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  test('numbers are quantities too', () => {
    expect(canonicalQuantity(1000)).toBe('1k')
    expect(canonicalQuantity(0.5)).toBe('500m')
  })

  test.each([
    ['', /^quantities must match the regular expression/], ['x', /^quantities must match/], ['1.1.M', /^quantities must match/], ['1i', /^unable to parse quantity's suffix/],
    ['1 Gi', /^quantities must match/], ['0.1mi', /^unable to parse quantity's suffix/], ['1e', /^unable to parse quantity's suffix/],
    ['1e999999999', /^unable to parse numeric/],
  ])('%j is refused', (text, problem) => {
    expect(quantityProblem(text)).toMatch(problem)
  })

  test('is a fixed point and keeps the amount', () => {
    const texts = fc.tuple(fc.constantFrom('', '-'), fc.nat(99_999), fc.constantFrom('', '.5', '.125', '.000001'), fc.constantFrom('', 'm', 'u', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E2', 'e-2'))
    fc.assert(fc.property(texts, (parts) => {
      const text = parts.join('')
      const canonical = canonicalQuantity(text)
      // As in the original, bytes that come to no whole Ki have no suffix (3562.5Ki: 3648000), which is decimal when it is read again (3648k).
      const settled = text.endsWith('i') && !canonical.endsWith('i') ? canonicalQuantity(canonical) : canonical
      expect(canonicalQuantity(settled)).toBe(settled)
      expect(compareQuantities(text, settled)).toBe(0)
    }))
  })
})

describe('values', () => {
  test.each([
    ['1', 1, 1000], ['1500m', 2, 1500], ['1m', 1, 1], ['100m', 1, 100], ['1.0001', 2, 1001], ['2Gi', 2 ** 31, 2 ** 31 * 1000], ['-1500m', -2, -1500], ['1k', 1000, 1e6], ['1e3', 1000, 1e6],
    ['999999999Gi', 999999999 * 2 ** 30, 999999999 * 2 ** 30 * 1000],
  ])('%s is %d units and %d thousandths', (text, value, milli) => {
    expect(quantityValue(text)).toBe(value)
    expect(quantityMilliValue(text)).toBe(milli)
  })

  test('arithmetic keeps the first format', () => {
    expect(addQuantities('1Gi', '1M')).toBe('1074741824')
    expect(addQuantities('0', '1Gi')).toBe('1Gi')
    expect(addQuantities('500m', '0.5')).toBe('1')
    expect(subtractQuantities('1Gi', '1Mi')).toBe('1023Mi')
    expect(subtractQuantities('1', '1500m')).toBe('-500m')
    expect(negateQuantity('1Ki')).toBe('-1Ki')
    expect(compareQuantities('1000m', '1')).toBe(0)
    expect(compareQuantities('1Ki', '1k')).toBe(1)
    expect(compareQuantities('9007199254740993', '9007199254740992')).toBe(1)
    expect(quantityAsNumber('250m')).toBe(0.25)
    expect(quantityOf(2 ** 30, 'BinarySI')).toBe('1Gi')
    expect(quantityOf(1500, 'DecimalSI', -3)).toBe('1500m')
    expect(parseQuantity('1.5Gi')).toEqual({ mantissa: 16106127360n, scale: -1, format: 'BinarySI' })
  })
})
