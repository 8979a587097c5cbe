import { describe, expect, test } from 'vitest'
import { applyDefaults, normalize } from './normalize'
import { prune } from './prune'
import { decodeTable } from './table'

const structs = decodeTable('core/v1', [], [
  'Pod\tapiVersion s\tkind s\tmetadata .Meta 1\tspec .PodSpec 2 a\tstatus .PodStatus 3 a',
  'Meta\tname s 1\tlabels %s 2\tgeneration l 3\tcreated t 4\tdeleted t 5 p',
  'PodSpec\tcontainers {name}.Container 1 rNm:name\tgrace l 2 p 30\thostNetwork b 3\tpolicy s 4 - "Always"\tsecurity .Security 5 - {}\ttolerate *b 6\tany u 7',
  'Security\tprofile s 1 - "Default"\tuser l 2 p',
  'Container\tname s 1 ra\timage s 2\targs *s 3\tports {port,protocol}.Port 4\tlimits %q 5\tresources .Resources 6 a\tdata %B 7\ttext s 8 p',
  'Port\tport i 1 ra\tprotocol s 2 - "TCP"\ttarget n 3 a',
  'Resources\trequests %q 1',
  'PodStatus\tsince t 1 N\tbeat T 2 N\tratio d 3',
  'Props\ttype s 1\titems (.Props|*.Props) 2 p\tproperties %.Props 3\tmore (.Props|b) 4 p\tdefault u 5 p',
].join('\n'))

const struct = (name: string) => structs[name]!
function pod(object: object, options: Partial<Parameters<typeof normalize>[2]> = {}): { object: any; unknown: string[] } {
  const unknown: string[] = []
  normalize(struct('Pod'), object, { defaults: true, unknown: (path) => unknown.push(path), ...options })
  return { object, unknown }
}
const containers = (...list: object[]) => ({ spec: { containers: list } })
const first = (container: object) => pod(containers(container)).object.spec.containers[0]

describe('what a walk fills in and drops', () => {
  test('defaults, and what is always written, at every depth', () => {
    expect(pod({ metadata: {} }).object).toEqual({
      metadata: {}, spec: { containers: null, grace: 30, policy: 'Always', security: { profile: 'Default' } }, status: { since: null, beat: null },
    })
    expect(first({ ports: [{}] })).toEqual({ name: '', ports: [{ port: 0, protocol: 'TCP', target: 0 }], resources: {} })
  })

  test('without defaults zero rules still hold, and defaults can follow', () => {
    const { object } = pod({ spec: { policy: '', grace: 0 } }, { defaults: false })
    expect(object.spec).toEqual({ containers: null, grace: 0 })
    applyDefaults(struct('Pod'), object)
    expect(object.spec).toEqual({ containers: null, grace: 0, policy: 'Always', security: { profile: 'Default' } })
  })

  test('nothing is filled in on request', () => {
    expect(pod({ spec: { hostNetwork: true } }, { defaults: false, always: false }).object).toEqual({ spec: { hostNetwork: true } })
  })

  test('zero values are dropped, kept where they were meant, and replaced by a default', () => {
    expect(first({ name: 'a', image: '', args: [], limits: {}, text: '', data: {} })).toEqual({ name: 'a', text: '', resources: {} })
    expect(pod({ spec: { containers: [], grace: 0, hostNetwork: false, policy: '', security: { profile: '', user: 0 } } }).object.spec).toEqual({
      containers: null, grace: 0, policy: 'Always', security: { profile: 'Default', user: 0 },
    })
  })

  test('nulls are absent in structs and zero in lists and maps', () => {
    expect(pod({ metadata: { labels: { a: null }, name: null }, spec: { containers: [null], any: null, tolerate: [null] } }).object).toMatchObject({
      metadata: { labels: { a: '' } }, spec: { containers: [{ name: '', resources: {} }], tolerate: [false] },
    })
    expect(first({ args: ['a', null], limits: { cpu: null } })).toMatchObject({ args: ['a', ''], limits: { cpu: '0' } })
  })

  test('defaults that are made are not shared', () => {
    const a = pod({}).object
    a.spec.security.profile = 'changed'
    expect(pod({}).object.spec.security.profile).toBe('Default')
  })

  test('a second pass changes nothing', () => {
    const { object } = pod(containers({ name: 'a', limits: { cpu: '1000m' }, ports: [{ port: 1 }] }))
    const text = JSON.stringify(object)
    expect(JSON.stringify(pod(JSON.parse(text)).object)).toBe(text)
    applyDefaults(struct('Pod'), object)
    expect(JSON.stringify(object)).toBe(text)
  })
})

describe('unknown fields', () => {
  test('are dropped and named with their path', () => {
    const { object, unknown } = pod(JSON.parse('{"foo":1,"metadata":{"labels":{"x":"y"},"Name":"a"},"spec":{"containers":[{"name":"a"},{"bar":{"name":1},"name":"b"}],"foo":1},"__proto__":{"polluted":1}}') as object)
    expect(unknown).toEqual(['foo', 'metadata.Name', 'spec.containers[1].bar', 'spec.foo', '__proto__'])
    expect(object.spec.containers[1]).toEqual({ name: 'b', resources: {} })
    expect(Object.hasOwn(object, '__proto__')).toBe(false)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('under any JSON stay', () => {
    expect(pod({ spec: { any: { x: { y: null } } } }).object.spec.any).toEqual({ x: { y: null } })
  })

  test('in a type that holds itself', () => {
    const object = { items: [{ foo: 1, type: 'a' }], properties: { a: { items: { bar: 1 }, more: false } }, more: { baz: 1 }, default: { kept: 1 } }
    const unknown: string[] = []
    normalize(struct('Props'), object, { defaults: false, unknown: (path) => unknown.push(path) })
    expect(unknown).toEqual(['items[0].foo', 'properties.a.items.bar', 'more.baz'])
    expect(object).toEqual({ items: [{ type: 'a' }], properties: { a: { items: {}, more: false } }, more: {}, default: { kept: 1 } })
  })
})

describe('canonical scalars', () => {
  test('quantities, times, bytes', () => {
    expect(first({ limits: { cpu: '1000m', memory: '0.5', n: 2 } }).limits).toEqual({ cpu: '1', memory: '500m', n: '2' })
    const { object } = pod({ metadata: { created: '2020-01-01T01:00:00+01:00', deleted: '0001-01-01T00:00:00Z' }, status: { beat: '2020-01-01T00:00:00.120000+00:00', since: '2020-01-01T00:00:00.9Z' } })
    expect(object.metadata).toEqual({ created: '2020-01-01T00:00:00Z' })
    expect(object.status).toEqual({ beat: '2020-01-01T00:00:00.120000Z', since: '2020-01-01T00:00:00Z' })
    expect(first({ data: { a: 'YQ==\n' } }).data).toEqual({ a: 'YQ==' })
  })

  test('the largest int64 stays readable as one', () => {
    const { object } = pod({ metadata: { generation: 2 ** 63 } })
    expect(JSON.stringify(object.metadata)).toBe('{"generation":9223372036854775000}')
  })
})

test.each([
  [containers({ image: 1 }), 'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string'],
  [containers({ ports: [{ port: '80' }] }), 'json: cannot unmarshal string into Go struct field Port.spec.containers.ports.port of type int32'],
  [containers({ ports: [{ port: 1.5 }] }), 'json: cannot unmarshal number 1.5 into Go struct field Port.spec.containers.ports.port of type int32'],
  [containers({ ports: [{ port: 2 ** 31 }] }), 'json: cannot unmarshal number 2147483648 into Go struct field Port.spec.containers.ports.port of type int32'],
  [containers({ ports: [{ target: true }] }), 'json: cannot unmarshal bool into Go struct field Port.spec.containers.ports.target of type int32'],
  [{ spec: { hostNetwork: 'yes' } }, 'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool'],
  [{ spec: { containers: {} } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container'],
  [{ spec: [] }, 'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec'],
  [{ metadata: { labels: 'a' } }, 'json: cannot unmarshal string into Go struct field Meta.metadata.labels of type map[string]string'],
  [{ metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field Meta.metadata.labels of type string'],
  [containers({ args: ['a', {}] }), 'json: cannot unmarshal object into Go struct field Container.spec.containers.args of type string'],
  [containers({ limits: { cpu: 'x' } }), `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`],
  [{ metadata: { created: 'x' } }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  [{ metadata: { created: '2020-13-01T00:00:00Z' } }, 'parsing time "2020-13-01T00:00:00Z": month out of range'],
  [{ metadata: { created: 5 } }, 'json: cannot unmarshal number into Go struct field Meta.metadata.created of type string'],
  [containers({ data: { a: 'a' } }), 'illegal base64 data at input byte 0'],
  [containers({ data: { a: 'ab!=' } }), 'illegal base64 data at input byte 2'],
  [[], 'json: cannot unmarshal array into Go value of type v1.Pod'],
])('%j does not fit', (object, message) => {
  expect(() => pod(object)).toThrow(message)
})

test('prune leaves what does not fit to the validation', () => {
  const unknown: string[] = []
  const object = { spec: { containers: [{ image: 1, foo: 1 }, 'x'], grace: 'x' }, status: [] }
  prune(struct('Pod'), object, (path) => unknown.push(path))
  expect(unknown).toEqual(['spec.containers[0].foo'])
  expect(object).toEqual({ spec: { containers: [{ image: 1 }, 'x'], grace: 'x' }, status: [] })
})
