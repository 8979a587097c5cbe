import type { Struct } from '#apimachinery/schema/schema'
import { expect, test } from 'vitest'
import { internalPodForm } from './internal-pod-form'
import { structs } from './types.gen'

const form = (name: string, value: object) => internalPodForm(structs[name] as Struct, value as Readonly<Record<string, unknown>>)

test('a template: metadata as sent, in the order of its fields, and the spec beside it', () => {
  expect(JSON.stringify(form('PodTemplateSpec', { metadata: { annotations: { b: '1', a: '2' }, labels: { c: 'd' } }, spec: {} }))).toMatch(
    /^\{"labels":\{"c":"d"\},"annotations":\{"a":"2","b":"1"\},"Spec":\{"Volumes":null,/,
  )
})

test('what is the host\'s of a pod is its security context\'s', () => {
  const { SecurityContext: context, ...pod } = form('PodSpec', { hostNetwork: true, serviceAccount: 'a', securityContext: { fsGroup: 1 }, dnsPolicy: 'Default' }) as { SecurityContext: object }
  expect(Object.keys(context).slice(0, 6)).toEqual(['HostNetwork', 'HostPID', 'HostIPC', 'ShareProcessNamespace', 'HostUsers', 'SELinuxOptions'])
  expect(context).toMatchObject({ HostNetwork: true, HostPID: false, HostUsers: null, FSGroup: 1, Sysctls: null })
  expect(pod).toMatchObject({ DNSPolicy: 'Default', ServiceAccountName: '', Priority: null, Affinity: null })
  expect(pod).not.toHaveProperty('DeprecatedServiceAccount')
  expect(Object.keys(pod).slice(13, 17)).toEqual(['Hostname', 'Subdomain', 'SetHostnameAsFQDN', 'Affinity'])
})

test('parts: values, pointers, quantities, maps in order, selectors as sent', () => {
  expect(form('ResourceFieldSelector', { resource: 'limits.cpu' })).toEqual({ ContainerName: '', Resource: 'limits.cpu', Divisor: '0' })
  expect(form('RBDVolumeSource', { image: 'i', monitors: ['m'] })).toMatchObject({ CephMonitors: ['m'], RBDImage: 'i', FSType: '', SecretRef: null })
  expect(JSON.stringify(form('PodAffinityTerm', { topologyKey: 'k', labelSelector: { matchExpressions: [{ operator: 'Exists', key: 'a' }], matchLabels: { b: '1', a: '2' } } }))).toBe(
    '{"LabelSelector":{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"a","operator":"Exists"}]},"Namespaces":null,"TopologyKey":"k","NamespaceSelector":null,"MatchLabelKeys":null,"MismatchLabelKeys":null}',
  )
  expect(Object.keys(form('Volume', { name: 'a' })).slice(10, 14)).toEqual(['PersistentVolumeClaim', 'RBD', 'Quobyte', 'FlexVolume'])
})
