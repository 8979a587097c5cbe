import { expect, test } from 'vitest'
import { deepFreeze, thaw } from './clone'

test('thawing copies what is frozen and keeps what is not', () => {
  const frozen = deepFreeze({ labels: { app: 'web' }, list: [{ a: 1 }] })
  const mine = { name: 'x', spec: frozen, other: { kept: true } }
  const { other } = mine
  const thawed = thaw(mine)
  thawed.spec.labels.app = 'db'
  ;(thawed.spec.list as { a: number }[]).push({ a: 2 })
  expect(thawed).toBe(mine)
  expect(thawed.other).toBe(other)
  expect(frozen).toEqual({ labels: { app: 'web' }, list: [{ a: 1 }] })
})
