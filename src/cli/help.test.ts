import { expect, test } from 'vitest'
import { option, types } from '#component-base/options/option'
import { describeVerb } from './help'

const about = {
  usage: 'go [flags]', about: 'Goes.', examples: [['navarch go', 'at once']],
  options: {
    speed: option(types.int, 'speed', 5, 'How fast.'),
    whereItAllBegan: option(types.string, 'where-it-all-began-a-long-time-ago', '', 'From where.'),
    quiet: option(types.bool, 'quiet', false, 'Without a word.'),
  },
} as const

test('what is met first comes first, with defaults; long names have their text below', () => {
  expect(describeVerb({ ...about, first: ['quiet'] })).toBe(`Usage: navarch go [flags]

Goes.

Examples:
  navarch go  at once

Flags:
  --quiet  Without a word.

More flags, named and meant as those of the original components:
  --speed int                             How fast. (default 5)
  --where-it-all-began-a-long-time-ago string
                                          From where.
`)
})

test('flags that are all alike are one list', () => {
  const { options: { speed } } = about
  expect(describeVerb({ ...about, options: { speed } })).toMatch(/\nFlags:\n {2}--speed int {2}How fast\. \(default 5\)\n$/)
})
