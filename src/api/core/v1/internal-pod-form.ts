// Where the original refuses a change of a whole pod template it prints its internal structures: Go's names for fields, all of them, and
// in places another order than clients know.
import type { Field, Schema, Struct } from '#apimachinery/schema/schema'

type Plain = Readonly<Record<string, unknown>>

/** Go's names that are not the field's with a capital letter. */
const names: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup', apiVersion: 'APIVersion', awsElasticBlockStore: 'AWSElasticBlockStore', cephfs: 'CephFS', chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth', csi: 'CSI', diskURI: 'DataDiskURI', dnsConfig: 'DNSConfig', dnsPolicy: 'DNSPolicy', endpoints: 'EndpointsName', fc: 'FC',
  fsGroup: 'FSGroup', fsGroupChangePolicy: 'FSGroupChangePolicy', fsType: 'FSType', gcePersistentDisk: 'GCEPersistentDisk', gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName', grpc: 'GRPC', httpGet: 'HTTPGet', httpHeaders: 'HTTPHeaders', ip: 'IP', iqn: 'IQN', iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface', nfs: 'NFS', os: 'OS', pdName: 'PDName', rbd: 'RBD', seLinuxChangePolicy: 'SELinuxChangePolicy', seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled', storageos: 'StorageOS', tcpSocket: 'TCPSocket', tty: 'TTY', wwids: 'WWIDs',
}
const namesIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RBDVolumeSource: { image: 'RBDImage', monitors: 'CephMonitors', pool: 'RBDPool', user: 'RadosUser' },
}

/** Which fields come behind which, where the order is another one. */
const moved: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Volume: { RBD: 'Quobyte' },
  PodSecurityContext: { FSGroup: 'FSGroupChangePolicy' },
  PodSpec: { Subdomain: 'SetHostnameAsFQDN', Priority: 'PreemptionPolicy', RuntimeClassName: 'Overhead' },
}
/** Fields of the pod that are its security context's there. */
const hostFields = ['HostNetwork', 'HostPID', 'HostIPC', 'ShareProcessNamespace', 'HostUsers']

/** A pod template or a part of it, of the schema's own type. */
export function internalPodForm(struct: Struct, value: Plain): Plain {
  const form: Record<string, unknown> = {}
  for (const [name, field] of struct.fields) {
    if (name === 'metadata') Object.assign(form, asSent(field.schema, value[name]))
    else if (name !== 'serviceAccount') form[namesIn[struct.name]?.[name] ?? names[name] ?? name.charAt(0).toUpperCase() + name.slice(1)] = fieldForm(field, value[name])
  }
  if (struct.name === 'PodSpec') {
    const host = Object.fromEntries(hostFields.map((name) => [name, form[name]]))
    for (const name of hostFields) delete form[name]
    if (form['SecurityContext']) form['SecurityContext'] = { ...host, ...(form['SecurityContext'] as Plain) }
  }
  const behind = moved[struct.name]
  if (!behind) return form
  const late = new Set(Object.values(behind))
  return Object.fromEntries(Object.entries(form).flatMap(([name, item]) => {
    const next = behind[name]
    return late.has(name) ? [] : next === undefined ? [[name, item]] : [[name, item], [next, form[next]]]
  }))
}

function fieldForm({ schema, zero }: Field, value: unknown): unknown {
  if (value !== undefined && value !== null) return valueForm(schema, value)
  if (schema.type === 'struct') return zero === 'always' ? valueForm(schema, {}) : null
  return zero === 'keep' ? null : (zeroes[schema.type] ?? null)
}

const zeroes: Readonly<Partial<Record<Schema['type'], unknown>>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0, intOrString: 0, quantity: '0' }

function valueForm(schema: Schema, value: unknown): unknown {
  if (schema.type === 'struct') return schema.origin === 'meta/v1' ? asSent(schema, value) : internalPodForm(schema, value as Plain)
  if (schema.type === 'list') return (value as readonly unknown[]).map((item) => valueForm(schema.items, item))
  return schema.type === 'map' ? sorted(value as Plain, (item) => valueForm(schema.values, item)) : value
}

/** What the original has no internal structure of, in the order of its fields. */
function asSent(schema: Schema, value: unknown): unknown {
  if (schema.type === 'list') return (value as readonly unknown[]).map((item) => asSent(schema.items, item))
  if (schema.type === 'map') return sorted(value as Plain, (item) => item)
  if (schema.type !== 'struct') return value
  const given = (value ?? {}) as Plain
  return Object.fromEntries([...schema.fields.values()].flatMap(({ name, schema: below }) => (given[name] === undefined ? [] : [[name, asSent(below, given[name])]])))
}

const sorted = (map: Plain, form: (item: unknown) => unknown): Plain =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, form(item)]))
