import { expect, test } from 'vitest'
import { ownComponents, probedComponents } from './component-checks'

const signal = new AbortController().signal

test('parts of this process are well once they have started', () => {
  const own = ownComponents()
  expect(own.checks.map(({ name }) => name)).toEqual(['scheduler', 'controller-manager'])
  expect(() => own.checks[0]!.check(signal)).toThrow('kube-scheduler has not started')
  own.started('kube-scheduler')
  expect(own.checks[0]!.check(signal)).toBeUndefined()
})

test('others are asked by their ports', async () => {
  for (const { check } of probedComponents) await expect(check(signal)).rejects.toThrow(/^Get "https:\/\/127.0.0.1:102\d9?7?\/healthz": /)
})
