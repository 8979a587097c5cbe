import { expect, test } from 'vitest'
import type { ConfigMap, Container, Pod, Secret } from '#api/core/v1/types'
import { environment } from './environment'
import type { EnvSources } from './environment'
import { expand } from './expansion'
import { fieldValue, resourceValue } from './field-path'
import { serviceEnvironment } from './service-env'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', labels: { b: '2', a: '1"' } }, spec: { containers: [] }, status: {} } as unknown as Pod
const sources: EnvSources = {
  configMap: async (name) => (name === 'conf' ? ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { color: 'red', 'bad=key': 'x' } } as unknown as ConfigMap) : undefined),
  secret: async (name) => (name === 'hidden' ? ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', data: { password: Buffer.from('s3').toString('base64') } } as unknown as Secret) : undefined),
  services: { DB_SERVICE_HOST: '10.0.0.1' }, podIps: ['10.1.1.1'], hostIps: ['192.168.0.1'], node: { cpuMilli: 4000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 0 },
}
const resolve = async (container: Partial<Container>): Promise<Record<string, string>> => Object.fromEntries((await environment(pod, { name: 'c', resources: {}, ...container }, sources)).map(({ key, value }) => [key, value]))

test('every source, in order, with references to what came before', async () => {
  expect(await resolve({
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'conf' } }, { secretRef: { name: 'none', optional: true } }],
    env: [
      { name: 'A', value: '1' }, { name: 'B', value: '$(A) $(P_color) $(DB_SERVICE_HOST) $(LATER) $$(A)' }, { name: 'LATER', value: 'x' },
      { name: 'PASS', valueFrom: { secretKeyRef: { name: 'hidden', key: 'password' } } }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    ],
  })).toEqual({ P_color: 'red', A: '1', B: '1 red 10.0.0.1 $(LATER) $(A)', LATER: 'x', PASS: 's3', IP: '10.1.1.1', MEM: '1024', DB_SERVICE_HOST: '10.0.0.1' })
})

test('what is missing is named', async () => {
  await expect(resolve({ envFrom: [{ configMapRef: { name: 'none' } }] })).rejects.toThrow('configmap "none" not found')
  await expect(resolve({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'hidden', key: 'nope' } } }] })).rejects.toThrow("couldn't find key nope in Secret default/hidden")
})

test('expansion, fields and resources', () => {
  expect(expand('$(A)$(B)$$(A) $ $(', (name) => (name === 'A' ? 'x' : undefined))).toBe('x$(B)$(A) $ $(')
  expect(fieldValue(pod, 'metadata.labels')).toBe('a="1\\""\nb="2"')
  expect(fieldValue(pod, "metadata.labels['b']")).toBe('2')
  expect(() => fieldValue(pod, 'spec.nope')).toThrow('unsupported fieldPath: spec.nope')
  expect(resourceValue(pod, { resource: 'requests.cpu', divisor: '1m' }, { name: 'c', resources: { requests: { cpu: '250m' } } }, sources.node)).toBe('250')
})

test('services are told in variables: the own namespace\'s and the API server\'s', () => {
  const service = (namespace: string, name: string, clusterIP = '10.0.0.5') => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports: [{ name: 'web', port: 80, protocol: 'TCP' }] }, status: {} }) as never
  const all = [service('default', 'kubernetes'), service('mine', 'my-db'), service('mine', 'headless', 'None'), service('other', 'x')]
  expect(serviceEnvironment(all, 'mine', true)).toMatchObject({ KUBERNETES_SERVICE_HOST: '10.0.0.5', MY_DB_SERVICE_HOST: '10.0.0.5', MY_DB_SERVICE_PORT_WEB: '80', MY_DB_PORT_80_TCP_ADDR: '10.0.0.5', MY_DB_PORT: 'tcp://10.0.0.5:80' })
  expect(Object.keys(serviceEnvironment(all, 'mine', false)).every((key) => key.startsWith('KUBERNETES'))).toBe(true)
})
