import { expect, test } from 'vitest'
import { generateName, randomSuffix, safeEncode } from './generate-name'
import { percentOf, portNumber, scaledValue } from './int-or-string'

test('percentages of a total', () => {
  expect(scaledValue(3, 10, 'up')).toBe(3)
  expect(scaledValue('25%', 10, 'up')).toBe(3)
  expect(scaledValue('25%', 10, 'down')).toBe(2)
  expect(scaledValue('100%', 7, 'down')).toBe(7)
  expect(() => scaledValue('a', 10, 'up')).toThrow('invalid value for IntOrString: invalid type: string is not a percentage')
  expect(percentOf('7%')).toBe(7)
  expect(percentOf(7)).toBeUndefined()
  expect(portNumber('http')).toBeUndefined()
  expect(portNumber('80')).toBe(80)
})

test('generated names stay labels', () => {
  expect(generateName('web-', () => 0)).toBe('web-bbbbb')
  expect(generateName('a'.repeat(70))).toHaveLength(63)
  expect(randomSuffix(10)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/)
  expect(safeEncode('1234')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{4}$/)
})
