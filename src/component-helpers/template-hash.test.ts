import { expect, test } from 'vitest'
import { safeEncode, templateHash } from './template-hash'

const template = { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

test('the same for the same template, whatever the order and what is undefined', () => {
  const other = { spec: { containers: [{ image: 'i', name: 'c', args: undefined }] }, metadata: { labels: { c: 'd', a: 'b' } } }
  expect(templateHash(other)).toBe(templateHash(template))
})

test('another one for another template or collision count', () => {
  const hashes = [templateHash(template), templateHash({ ...template, spec: { containers: [] } }), templateHash(template, 0), templateHash(template, 1)]
  expect(new Set(hashes).size).toBe(4)
})

test('in the alphabet of generated names', () => {
  expect(templateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  expect(safeEncode('0123456789')).toBe('456789bcdf')
})
