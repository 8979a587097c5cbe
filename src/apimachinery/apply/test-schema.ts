// Small schemas by hand, for the tests of patches and apply.
import type { Field, ListOf, MapOf, Scalar, ScalarKind, Schema, Struct } from '../schema/schema'

export const scalar = (type: ScalarKind): Scalar => ({ type })
export const text = scalar('string')
export const int = scalar('int32')
export const bool = scalar('boolean')
export const mapOf = (values: Schema, atomic = false): MapOf => ({ type: 'map', values, atomic })
export const atomicList = (items: Schema): ListOf => ({ type: 'list', items, listType: 'atomic', keys: [] })
export const setOf = (items: Schema): ListOf => ({ type: 'list', items, listType: 'set', keys: [] })
export const listMap = (items: Schema, ...keys: string[]): ListOf => ({ type: 'list', items, listType: 'map', keys })

export function field(schema: Schema, options: Partial<Omit<Field, 'name' | 'schema'>> = {}): Omit<Field, 'name'> {
  return { schema, proto: [], required: false, zero: 'drop', retainKeys: false, ...options }
}

export function struct(name: string, fields: Record<string, Schema | Omit<Field, 'name'>>, options: Partial<Pick<Struct, 'atomic' | 'preserveUnknown'>> = {}): Struct {
  const entries = Object.entries(fields).map(([key, value]): [string, Field] => [key, { name: key, ...('schema' in value ? value : field(value)) }])
  return { type: 'struct', name, fields: new Map(entries), atomic: false, preserveUnknown: false, ...options }
}

const required = { zero: 'always', empty: '' } as const
const always = { zero: 'always', empty: {} } as const

const ownerReference = struct('OwnerReference', { apiVersion: text, kind: text, name: text, uid: text, controller: bool }, { atomic: true })
export const objectMeta = struct('ObjectMeta', {
  name: text, generateName: text, namespace: text, uid: text, resourceVersion: text, generation: scalar('int64'), creationTimestamp: scalar('time'),
  labels: mapOf(text), annotations: mapOf(text),
  ownerReferences: field(listMap(ownerReference, 'uid'), { mergeKey: 'uid' }),
  finalizers: field(setOf(text), { mergeKey: true }),
})
const port = struct('ContainerPort', { name: text, containerPort: field(int, { zero: 'always', empty: 0 }), protocol: field(text, { default: 'TCP' }) })
const envVar = struct('EnvVar', { name: field(text, required), value: text })
export const container = struct('Container', {
  name: field(text, required), image: text, args: atomicList(text),
  ports: field(listMap(port, 'containerPort', 'protocol'), { mergeKey: 'containerPort' }),
  env: field(listMap(envVar, 'name'), { mergeKey: 'name' }),
  resources: field(struct('ResourceRequirements', { limits: mapOf(scalar('quantity')), requests: mapOf(scalar('quantity')) }), always),
})
const volume = struct('Volume', {
  name: field(text, required),
  emptyDir: struct('EmptyDirVolumeSource', { medium: text }),
  configMap: struct('ConfigMapVolumeSource', { name: text }),
})
export const podSpec = struct('PodSpec', {
  containers: field(listMap(container, 'name'), { zero: 'always', empty: null, mergeKey: 'name' }),
  volumes: field(listMap(volume, 'name'), { mergeKey: 'name', retainKeys: true }),
  tolerations: atomicList(struct('Toleration', { key: text, operator: text })),
  nodeSelector: mapOf(text, true),
  priority: int,
})
const template = struct('PodTemplateSpec', { metadata: field(objectMeta, always), spec: field(podSpec, always) })
const strategy = struct('DeploymentStrategy', {
  type: text, rollingUpdate: struct('RollingUpdateDeployment', { maxSurge: scalar('intOrString'), maxUnavailable: scalar('intOrString') }),
})
const condition = struct('Condition', { type: field(text, required), status: field(text, required), message: text })
const status = struct('Status', { replicas: int, conditions: field(listMap(condition, 'type'), { mergeKey: 'type' }) })

const object = { apiVersion: text, kind: text, metadata: objectMeta }
export const deployment = struct('Deployment', {
  ...object,
  spec: field(struct('DeploymentSpec', {
    replicas: field(int, { zero: 'keep', default: 1 }), paused: bool,
    selector: field(struct('LabelSelector', { matchLabels: mapOf(text) }, { atomic: true }), { zero: 'always', empty: null }),
    template: field(template, always),
    strategy: field(strategy, { ...always, retainKeys: true }),
  }), always),
  status: field(status, always),
})
export const configMap = struct('ConfigMap', { ...object, data: mapOf(text), immutable: field(bool, { zero: 'keep' }) })

const item = struct('', { name: text, v: text })
/** As a CustomResourceDefinition compiles: nothing is always written, status keeps what it does not know. */
export const widget = struct('Widget', {
  ...object,
  spec: struct('', {
    size: field(int, { default: 3 }), tags: setOf(text), items: listMap(item, 'name'), list: atomicList(text), atom: mapOf(text, true), gran: mapOf(text),
  }),
  status: struct('', {}, { preserveUnknown: true }),
})
