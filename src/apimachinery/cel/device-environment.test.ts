import { describe, expect, it } from 'vitest'
import { deviceEnvironment, deviceValue, selectorLimit, type SelectedDevice } from './device-environment'

const environment = deviceEnvironment({ consumableCapacity: true, listAttributes: true })
const gpu: SelectedDevice = {
  driver: 'gpu.example.com', allowMultipleAllocations: true,
  attributes: { model: { string: 'a100' }, index: { int: 3 }, 'net.example.org/rdma': { bool: true }, driverVersion: { version: '1.10.0' }, modes: { strings: ['mig', 'full'] } },
  capacity: { memory: { value: '40Gi' }, 'net.example.org/bandwidth': { value: '100G' } },
}

describe('device selectors', () => {
  it.each([
    ["device.driver == 'gpu.example.com' && device.allowMultipleAllocations", true],
    ["device.attributes['gpu.example.com'].model == 'a100' && device.attributes['gpu.example.com'].index > 2", true],
    ["device.attributes['net.example.org'].rdma", true],
    ["device.attributes['gpu.example.com'].driverVersion.isGreaterThan(semver('1.9.0'))", true],
    ["device.capacity['gpu.example.com'].memory.compareTo(quantity('30Gi')) >= 0", true],
    ["'other.example.com' in device.attributes || 'x' in device.attributes['other.example.com']", false],
    ["device.attributes['gpu.example.com'].modes.includes('mig') && !device.attributes['gpu.example.com'].model.includes('h100')", true],
    ["cel.bind(own, device.attributes[device.driver], own.model == 'a100' && own.index == 3)", true],
  ])('%s', (expression, held) => {
    expect(environment.compile(expression).evaluate({ device: deviceValue(gpu) }, { left: selectorLimit })).toBe(held)
  })

  it('tells what a device does not have', () => {
    const program = environment.compile("device.attributes['other.example.com'].model == 'x'")
    expect(() => program.evaluate({ device: deviceValue(gpu) }, { left: selectorLimit })).toThrow('no such key: model')
  })

  it('knows what is of the type of attributes, and what features add', () => {
    expect(environment.compile("device.attributes['a'].b").type).toMatchObject({ sort: 'dyn', any: true })
    const plain = deviceEnvironment({ consumableCapacity: false, listAttributes: false })
    expect(() => plain.compile('device.allowMultipleAllocations')).toThrow("undefined field 'allowMultipleAllocations'")
    expect(() => plain.compile("device.attributes['a'].b.includes(1)")).toThrow("undeclared reference to 'includes'")
  })

  it('estimates by the limits of devices', () => {
    expect(environment.compile("device.attributes['a'].b.matches('[a-z]+')").worstCost).toBe(18)
    expect(environment.compile("device.attributes.all(d, device.attributes.all(e, device.attributes.all(f, device.attributes.all(g, d + e + f + g != ''))))").worstCost).toBeGreaterThan(selectorLimit)
  })
})
