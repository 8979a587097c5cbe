import { describe, expect, test } from 'vitest'
import { context, created, decoded, refusals, updateRefusals } from '../../testing/written'
import { nodes } from './node'
import { pods } from './pod'

const containers = [{ name: 'c', image: 'i' }]
const pod = (spec: object = {}, annotations: object = {}) => ({ spec: { containers, ...spec }, metadata: { annotations } })

describe('annotations of pods', () => {
  test.each<[string, object, object, string[]]>([
    ['a mirror without a node', {}, { 'kubernetes.io/config.mirror': 'x' }, ['metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set']],
    ['a cost that is no number', {}, { 'controller.kubernetes.io/pod-deletion-cost': '+1' }, ['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer']],
    ['a profile of nobody', {}, { 'container.apparmor.security.beta.kubernetes.io/x': 'odd' }, [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "odd": invalid AppArmor profile name: "odd"',
    ]],
    ['seccomp that differs', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }, [
      'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
    ]],
    ['AppArmor that differs', { containers: [{ ...containers[0], securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } } }] }, { 'container.apparmor.security.beta.kubernetes.io/c': 'localhost/b' }, [
      'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match',
    ]],
    ['profiles that agree', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, { 'seccomp.security.alpha.kubernetes.io/pod': 'docker/default' }, []],
  ])('%s', async (_, spec, annotations, expected) => expect(await refusals(pods, pod(spec, annotations))).toEqual(expected))

  test('what kubelets act on stays', async () => {
    expect(await updateRefusals(pods, pod(), pod({}, { 'kubernetes.io/config.mirror': 'x' }))).toEqual([
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation', expect.stringContaining('must set spec.nodeName'),
    ])
  })
})

test('files of one volume that hide each other are warned about', async () => {
  const items = (...paths: string[]) => paths.map((path) => ({ key: 'k', path }))
  const volumes = [
    { name: 'a', configMap: { name: 'm', items: items('x', 'x/y') } },
    { name: 'b', projected: { sources: [{ secret: { name: 's', items: items('t') } }, { serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } },
  ]
  expect(pods.warnings!(await created(pods, pod({ volumes })), undefined)).toEqual([
    'volume "a" (ConfigMap "m"): overlapping paths: "x/y" with "x"', 'volume "b" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t" (Secret "s")',
  ])
})

test('fields behind closed gates are dropped, unless they are in use', async () => {
  const body = pod({ containers: [{ ...containers[0], lifecycle: { stopSignal: 'SIGUSR1' } }], schedulingGroup: { podGroupName: 'g' } })
  const closed = { ...context, enabled: () => false }
  const fresh = await decoded(pods, body)
  pods.prepareForCreate!(fresh, closed)
  expect(fresh.spec.schedulingGroup).toBeUndefined()
  expect(fresh.spec.containers[0]!.lifecycle).toBeUndefined()
  const kept = await decoded(pods, body)
  pods.prepareForUpdate!(kept, await created(pods, body), closed)
  expect(kept.spec.schedulingGroup).toEqual({ podGroupName: 'g' })
  expect(kept.spec.containers[0]!.lifecycle).toEqual({ stopSignal: 'SIGUSR1' })
})

test('nodes: features are sorted, and an update is judged as a change too', async () => {
  expect(await refusals(nodes, { spec: {}, status: { declaredFeatures: ['b', 'B', 'A', 'A'] } })).toEqual([
    expect.stringContaining('status.declaredFeatures[0]: Invalid value: "b": invalid feature name "b": must start with an UpperCamelCase segment'),
    'status.declaredFeatures[1]: Invalid value: "B": list must be sorted alphabetically', 'status.declaredFeatures[2]: Invalid value: "A": list must be sorted alphabetically',
    'status.declaredFeatures[3]: Duplicate value: "A"',
  ])
  const node = (podCIDRs: string[]) => ({ spec: { podCIDRs } })
  expect(await updateRefusals(nodes, node(['10.0.0.0/24']), node(['10.0.1.0/24']))).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'])
  const removed = await decoded(nodes, { spec: { configSource: { configMap: {} } } })
  nodes.prepareForUpdate!(removed, await created(nodes, { spec: {} }), context)
  expect(removed.spec.configSource).toBeUndefined()
})
