import { expect, test } from 'vitest'
import { wholeOptions } from '#component-base/options/whole'
import { clusterOptions } from './options'

const given = (featureGates: Record<string, string>) => () => wholeOptions('navarch', clusterOptions, { featureGates })

test('feature gates are known by name, and only their defaults can be given', () => {
  expect(given({ SidecarContainers: 'true', AllAlpha: 'false' })).not.toThrow()
  expect(given({ GangScheduling: 'true' })).toThrow('only the default is built of GangScheduling')
  expect(given({ NoSuchGate: 'true' })).toThrow('unrecognized feature gate: NoSuchGate')
})
