import { expect, test } from 'vitest'
import { decodeYaml } from './yaml'

const levels = 20_000
const steps = Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')

test.each<[string, string]>([
  ['maps in flow', '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)], ['lists in flow', '['.repeat(levels)], ['lists in a line', `${'- '.repeat(levels)}a`],
  ['keys in a line', `${'? '.repeat(levels)}a`], ['maps in steps', steps],
])('%s are not read', async (_, text) => {
  await expect(decodeYaml(text)).rejects.toThrow('yaml: exceeded max depth of 500')
})

test('what is long is not deep', async () => {
  expect(await decodeYaml(Array.from({ length: 2000 }, (_, i) => `a${i}:\n  - {b: [c]}\n  - d: |\n      [[[\n`).join(''))).toBeTypeOf('object')
  expect(await decodeYaml(`a: "${'['.repeat(3000)}"`)).toEqual({ a: '['.repeat(3000) })
  expect(await decodeYaml(`a: |\n  ${'[ - '.repeat(3000)}\n`)).toBeTypeOf('object')
  expect(await decodeYaml(`${'[ '.repeat(400)}${'] '.repeat(400)}`)).toBeInstanceOf(Array)
})
