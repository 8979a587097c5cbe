import { expect, test } from 'vitest'
import { featureGates, knownGates } from './feature-gates'

const first = (stage: string, locked: boolean): string => [...knownGates].find(([name, gate]) => gate.stage === stage && gate.locked === locked && !name.startsWith('All'))![0]

test('defaults hold unless said otherwise; whole stages turn, single names win', () => {
  const [alpha, beta] = [first('alpha', false), first('beta', false)]
  expect(featureGates('x').enabled(alpha)).toBe(false)
  expect(featureGates('x', { AllAlpha: 'true' }).enabled(alpha)).toBe(true)
  expect(featureGates('x', { [alpha]: 'false', AllAlpha: true }).enabled(alpha)).toBe(false)
  expect(featureGates('x', { AllAlpha: 'true' }).enabled(beta)).toBe(knownGates.get(beta)!.default)
})

test('what cannot be is refused by name', () => {
  const locked = first('ga', true)
  expect(() => featureGates('kube-apiserver', { Flying: 'true', [locked]: String(!knownGates.get(locked)!.default), [first('beta', false)]: 'maybe' })).toThrow(
    new RegExp(`maybe: use true or false; unrecognized feature gate: Flying; cannot set feature gate ${locked}`),
  )
  expect(() => featureGates('x').enabled('Flying')).toThrow('not known')
})
