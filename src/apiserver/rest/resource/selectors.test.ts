import { expect, test } from 'vitest'
import { deviceclasses } from '#api/resource/v1/device-class'
import { resourceclaims } from '#api/resource/v1/resource-claim'
import { resourceclaimtemplates } from '#api/resource/v1/resource-claim-template'
import { startTestServer } from '../../testing/test-server'

const selecting = (expression: string) => [{ cel: { expression } }]
const requests = (expression: string) => [{ name: 'gpu', exactly: { deviceClassName: 'c', selectors: selecting(expression) } }]

test('selectors of devices are compiled when they are written', async () => {
  await using server = await startTestServer()
  const { client } = server
  const create = (expression: string) => client.create(deviceclasses, { metadata: { name: 'c' }, spec: { selectors: selecting(expression) } })
  await expect(create('device.drivr == "x"')).rejects.toThrow(
    'spec.selectors[0].cel.expression: Invalid value: "device.drivr == \\"x\\"": compilation failed: ERROR: <input>:1:7: undefined field \'drivr\'',
  )
  await expect(create('device.driver')).rejects.toThrow('must evaluate to bool or the unknown type, not string')
  const loops = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a + b + c + d != ""))))'
  await expect(create(loops)).rejects.toThrow('spec.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit')
  await create('device.attributes["dra.example.com"].healthy')

  const claim = { metadata: { namespace: 'default', name: 'c' } }
  await expect(client.create(resourceclaims, { ...claim, spec: { devices: { requests: requests('1 +') } } })).rejects.toThrow('spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "1 +": compilation failed')
  await expect(client.create(resourceclaimtemplates, { ...claim, spec: { spec: { devices: { requests: requests('devices') } } } })).rejects.toThrow(
    'spec.spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "devices": compilation failed: ERROR: <input>:1:1: undeclared reference to \'devices\'',
  )
  await client.create(resourceclaims, { ...claim, spec: { devices: { requests: requests('device.capacity["dra.example.com"].memory.isGreaterThan(quantity("1Gi"))') } } })
})
