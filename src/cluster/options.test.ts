import { expect, test } from 'vitest'
import { wholeOptions } from '#component-base/options/whole'
import { clusterOptions } from './options'

const given = (featureGates: Record<string, string>) => () => wholeOptions('navarch', clusterOptions, { featureGates })

test('feature gates are known by name', () => {
  expect(given({ SidecarContainers: 'true', AllAlpha: 'false' })).not.toThrow()
  expect(given({ SidecarContainers: 'false' })).toThrow('feature is locked to true')
  expect(given({ NoSuchGate: 'true' })).toThrow('unrecognized feature gate: NoSuchGate')
})
