import { expect, test } from 'vitest'
import type { Pod, Service } from '#api/core/v1/types'
import type { DaemonSet } from '#api/apps/v1/types'
import type { Call } from '#client/transport'
import { startTestServer } from '../testing/test-server'

const inDefault = (group: string, resource: string): string => `${group}/namespaces/default/${resource}`

test('profiles of AppArmor annotations are copied into the fields of new pods, with a warning', async () => {
  await using server = await startTestServer()
  const key = 'container.apparmor.security.beta.kubernetes.io/'
  const body = {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations: { [`${key}a`]: 'localhost/x', [`${key}b`]: 'unconfined' } },
    spec: { securityContext: { appArmorProfile: { type: 'Unconfined' } }, containers: ['a', 'b', 'c'].map((name) => ({ name, image: 'x' })) },
  }
  const answer = await server.transport.request({ method: 'POST', path: inDefault('/api/v1', 'pods'), query: { dryRun: 'All' }, body })
  expect((answer.body as Pod).spec.containers.map(({ securityContext }) => securityContext?.appArmorProfile)).toEqual([{ type: 'Localhost', localhostProfile: 'x' }, undefined, undefined])
  expect(answer.warnings).toContain(`metadata.annotations[${key}a]: deprecated since v1.30; use the "appArmorProfile" field instead`)
})

test('templates of daemon sets are counted in an annotation', async () => {
  await using server = await startTestServer()
  const path = inDefault('/apis/apps/v1', 'daemonsets')
  const labels = { a: 'b' }
  const body = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } } } }
  const counts: (string | undefined)[] = []
  const send = async (call: Omit<Call, 'path'> & { path?: string }): Promise<void> => {
    const { body: set } = await server.transport.request({ path: `${path}/d`, contentType: 'application/merge-patch+json', ...call })
    counts.push((set as DaemonSet).metadata.annotations?.['deprecated.daemonset.template.generation'])
  }
  await send({ method: 'POST', path, body, contentType: 'application/json' })
  await send({ method: 'PATCH', body: { spec: { minReadySeconds: 1 } } })
  await send({ method: 'PATCH', body: { spec: { template: { metadata: { annotations: { x: 'y' } } } } } })
  await send({ method: 'PATCH', body: { metadata: { annotations: { 'deprecated.daemonset.template.generation': '99' } } } })
  expect(counts).toEqual(['1', '1', '2', '2'])
})

test('a service loses with its type what belongs to it', async () => {
  await using server = await startTestServer()
  const path = inDefault('/api/v1', 'services')
  await server.transport.request({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } } })
  const { body } = await server.transport.request({ method: 'PATCH', path: `${path}/s`, contentType: 'application/merge-patch+json', body: { spec: { type: 'ExternalName', externalName: 'x.example.com' } } })
  const { spec } = body as Service
  expect(spec).toEqual({ externalName: 'x.example.com', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], sessionAffinity: 'None', type: 'ExternalName' })
})

test.each([
  [{ clusterIPs: ['10.96.1'] }, 'spec.clusterIPs: Invalid value: ["10.96.1"]: must be empty when `clusterIP` is not specified'],
  [{ clusterIP: '10.96.250.250', clusterIPs: ['10.96.250.251'] }, 'first value must match `clusterIP`'],
])('addresses that make no sense are refused before any is given out: %j', async (spec, text) => {
  await using server = await startTestServer()
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ...spec, ports: [{ port: 80 }] } }
  await expect(server.transport.request({ method: 'POST', path: inDefault('/api/v1', 'services'), body })).rejects.toMatchObject({ code: 422, message: expect.stringContaining(text) })
})

test.each([
  [{}, 1], [{ propagationPolicy: 'Orphan' }, 0], [{ orphanDependents: 'true' }, 0],
])('who deletes a job and does not say what happens to its pods is warned: %j', async (query, warnings) => {
  await using server = await startTestServer()
  const path = inDefault('/apis/batch/v1', 'jobs')
  await server.transport.request({ method: 'POST', path, body: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } } })
  const answer = await server.transport.request({ method: 'DELETE', path: `${path}/j`, query })
  expect(answer.warnings).toHaveLength(warnings)
})
