import { expect, test } from 'vitest'
import { itemElement, showElement } from './path-element'
import { listMap, struct, text } from './test-schema'

test('a key that is left out stands for its published default', () => {
  const reference = { ...struct('LocalObjectReference', { name: text }), origin: 'core/v1' }
  expect(itemElement(listMap(reference, 'name'), {})).toBe('k:{"name":""}')
  expect(() => itemElement(listMap(struct('LocalObjectReference', { name: text }), 'name'), {})).toThrow('omits all key fields')
})

test.each([
  ['k:{"name":"a","port":80}', '[name="a",port=80]'],
  ['k:{"name":{}}', '[name=]'],
  ['v:["a",1]', '[=["a",1]]'],
])('%s is shown as %s', (element, shown) => expect(showElement(element)).toBe(shown))
