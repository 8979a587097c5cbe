import { expect, test } from 'vitest'
import { bootstrapTokenGroups, bootstrapTokenIdOf, bootstrapTokenTimeLeft, parseBootstrapToken } from './bootstrap-token'

const data = (values: Record<string, string>) => ({ data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, btoa(value)])) })

test('tokens and names are read, other texts are not', () => {
  expect(parseBootstrapToken('abcdef.0123456789abcdef')).toEqual({ id: 'abcdef', secret: '0123456789abcdef' })
  for (const wrong of ['abcdef.0123456789abcde', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcdef\n', '']) expect(parseBootstrapToken(wrong)).toBeUndefined()
  expect(bootstrapTokenIdOf('bootstrap-token-abcdef')).toBe('abcdef')
  expect(bootstrapTokenIdOf('bootstrap-token-abcdefg')).toBeUndefined()
})

test('a token ends when it says, and at once where that cannot be read', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(bootstrapTokenTimeLeft(data({}), now)).toBe(Infinity)
  expect(bootstrapTokenTimeLeft(data({ expiration: '2026-01-01T01:00:00+01:00' }), now)).toBe(0)
  expect(bootstrapTokenTimeLeft(data({ expiration: '2026-01-01T00:00:10Z' }), now)).toBe(10_000)
  expect(bootstrapTokenTimeLeft(data({ expiration: 'tomorrow' }), now)).toBe(0)
  expect(bootstrapTokenTimeLeft(data({ expiration: '2030' }), now)).toBe(0)
})

test('groups are those of bootstrappers alone', () => {
  expect(bootstrapTokenGroups(data({}))).toEqual(['system:bootstrappers'])
  expect(bootstrapTokenGroups(data({ 'auth-extra-groups': 'system:bootstrappers:worker,system:bootstrappers:a,system:bootstrappers:a' }))).toEqual([
    'system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:worker',
  ])
  expect(bootstrapTokenGroups(data({ 'auth-extra-groups': 'system:masters' }))).toBeUndefined()
})
