import { expect, test } from 'vitest'
import { namespaces } from '#api/core/v1/namespace'
import { resourceclaims } from '#api/resource/v1/resource-claim'
import { resourceclaimtemplates } from '#api/resource/v1/resource-claim-template'
import { createClient } from '#client/create-client'
import type { Attributes, Authorizer } from '../../authorization/authorizer'
import { startTestServer } from '../../testing/test-server'

const here = { namespace: 'default', name: 'c' }
const devices = (adminAccess?: boolean) => ({ requests: [{ name: 'gpu', exactly: { deviceClassName: 'c', ...(adminAccess ? { adminAccess } : {}) } }] })
const allocation = { devices: { results: [{ request: 'gpu', driver: 'd.example.com', pool: 'p', device: 'x' }] } }

test('admin access is given to namespaces with a label alone', async () => {
  await using server = await startTestServer()
  const { client } = server
  const claim = { metadata: here, spec: { devices: devices(true) } }
  const refused = 'spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace'
  await expect(client.create(resourceclaims, claim)).rejects.toThrow(refused)
  await expect(client.create(resourceclaimtemplates, { metadata: here, spec: { spec: claim.spec } })).rejects.toThrow(refused)
  await client.create(resourceclaims, { metadata: here, spec: { devices: devices() } })
  const granted = { devices: { results: [{ ...allocation.devices.results[0], adminAccess: true }] } }
  const status = () => client.patch(resourceclaims, here, { status: { allocation: granted } }, { type: 'merge', subresource: 'status' })
  await expect(status()).rejects.toThrow('status.allocation.devices.results[0].adminAccess: Forbidden')
  await client.patch(namespaces, { name: 'default' }, { metadata: { labels: { 'resource.kubernetes.io/admin-access': 'true' } } }, { type: 'merge' })
  await status()
  await client.create(resourceclaimtemplates, { metadata: here, spec: { spec: claim.spec } })
})

test('the status of a claim needs permissions of its own', async () => {
  const asked: string[] = []
  const may = new Set<string>()
  const authorizer: Authorizer = {
    authorize({ verb, subresource, namespace, name, user }: Attributes) {
      if (user.name !== 'driver' || !['binding', 'driver'].includes(subresource)) return { verdict: 'allow', reason: '' }
      asked.push(`${verb} ${subresource} ${namespace}/${name}`)
      return { verdict: may.has(`${verb} ${subresource}`) ? 'allow' : 'no-opinion', reason: '' }
    },
  }
  await using server = await startTestServer({ authorizers: [authorizer] })
  const driver = createClient(server.server.connect({ name: 'driver', groups: ['system:authenticated'] }))
  await server.client.create(resourceclaims, { metadata: here, spec: { devices: devices() } })
  const patch = (status: object) => driver.patch(resourceclaims, here, { status }, { type: 'merge', subresource: 'status' })
  await expect(patch({ allocation })).rejects.toThrow(
    'status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="patch" permission: resourceclaims.resource.k8s.io is forbidden: User "driver" cannot patch resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
  )
  may.add('patch binding')
  await patch({ allocation })
  const said = { devices: [{ driver: 'd.example.com', pool: 'p', device: 'x', conditions: [] }] }
  await expect(patch(said)).rejects.toThrow('status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:patch]" permission: resourceclaims.resource.k8s.io "d.example.com" is forbidden')
  may.add('arbitrary-node:patch driver')
  expect((await patch(said)).status.devices).toHaveLength(1)
  expect(asked.at(-1)).toBe('arbitrary-node:patch driver default/d.example.com')
})
