import { expect, test } from 'vitest'
import { cells, created, decoded, refusals, updateRefusals } from '../../testing/written'
import { ingresses } from './ingress'
import { ingressclasses } from './ingress-class'
import { ipaddresses } from './ip-address'
import { networkpolicies } from './network-policy'
import { servicecidrs } from './service-cidr'

const policy = (cidr: string, ...except: string[]) => ({ spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr, except } }] }] } })

test.each<[string, string[]]>([
  ['10.0.0.0/8', []],
  ['10.0.0.1/8', ['must not have bits set beyond the prefix length']],
  ['010.0.0.0/8', ['must not have leading 0s in IP or prefix length']],
  ['::ffff:10.0.0.0/8', ['must not have an IPv4-mapped IPv6 address']],
  ['ten', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
])('a block %s', async (cidr, problems) => {
  expect(await refusals(networkpolicies, policy(cidr))).toEqual(problems.map((problem) => `spec.ingress[0].from[0].ipBlock.cidr: Invalid value: ${JSON.stringify(cidr)}: ${problem}`))
  expect(cidr === 'ten' ? [] : await updateRefusals(networkpolicies, policy(cidr), policy(cidr))).toEqual([])
})

test('blocks that not everybody reads the same way are warned about', async () => {
  const warned = async (...block: [string, ...string[]]) => networkpolicies.warnings!(await decoded(networkpolicies, policy(...block)), undefined)
  expect(await warned('10.0.0.0/8')).toEqual([])
  expect(await warned('10.0.0.1/8')).toEqual(['spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'])
  expect(await warned('fd00::/8', 'FD00:1::/32')).toEqual(['spec.ingress[0].from[0].ipBlock.except[0]: IPv6 CIDR value "FD00:1::/32" should be in RFC 5952 canonical format ("fd00:1::/32")'])
})

test('an ingress keeps what it was let through with', async () => {
  const ingress = (secretName: string) => ({ spec: { defaultBackend: { service: { name: 'a', port: { number: 1 } } }, tls: [{ secretName }] } })
  expect(await refusals(ingresses, ingress('A_'))).toHaveLength(1)
  expect(await updateRefusals(ingresses, ingress('A_'), ingress('B_'))).toEqual([])
  const annotated = await created(ingresses, { ...ingress('a'), metadata: { annotations: { 'kubernetes.io/ingress.class': 'x' } } })
  expect(ingresses.warnings!(annotated, undefined)).toHaveLength(1)
  expect(ingresses.warnings!(annotated, annotated)).toEqual([])
})

test('ranges of services and addresses have one form', async () => {
  expect(await refusals(servicecidrs, { spec: { cidrs: ['FD00::/8'] } })).toEqual(['spec.cidrs[0]: Invalid value: "FD00::/8": must be in canonical form ("fd00::/8")'])
  expect(await updateRefusals(servicecidrs, { spec: { cidrs: ['10.0.0.0/8'] } }, { spec: { cidrs: ['10.0.0.0/8', '10.1.0.0/16'] } })).toEqual([expect.stringContaining('may specify no more than one IP for each IP family')])
  expect(ipaddresses.validateName!('10.0.0.01', false)).toEqual(['must not have leading 0s'])
  expect(ipaddresses.validateName!('FD00::1', false)).toEqual(['must be in canonical form ("fd00::1")'])
})

test.each<[string[], string]>([
  [[], '*'],
  [['a', '', 'b', 'c'], 'a,b,c'],
  [['a', 'b', 'c', ''], 'a,b,c + 1 more...'],
])('hosts %j of an ingress as a cell', async (hosts, cell) => {
  expect(cells(ingresses, await created(ingresses, { spec: { rules: hosts.map((host) => (host ? { host } : {})) } }))['Hosts']).toBe(cell)
})

test('the scope of a class is defaulted where it is absent, not where it is empty', async () => {
  const ingressClass = (parameters: object) => ({ spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', ...parameters } } })
  expect(await refusals(ingressclasses, ingressClass({}))).toEqual([])
  expect(await refusals(ingressclasses, ingressClass({ scope: '' }))).toEqual(['spec.parameters.scope: Unsupported value: "": supported values: "Cluster", "Namespace"'])
})

test('what an address belongs to does not change', async () => {
  const address = (name: string) => ({ metadata: { name: '10.0.0.1' }, spec: { parentRef: { resource: 'services', name } } })
  expect(await updateRefusals(ipaddresses, address('a'), address('b'))).toEqual(['spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"","Name":"b"}: field is immutable'])
})
