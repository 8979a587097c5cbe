import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rulesetOf } from './ruleset'
import type { Endpoint, ServicePort } from './service-ports'
import { wholeTable } from './transaction'

/**
 * A node with two pods behind a bridge and a machine outside, each a network namespace of its own; what arrives tells who was
 * reached and from which address.
 */
const tag = `nvp${process.pid % 10_000}`
const [host, podA, podB, outside] = ['h', 'a', 'b', 'o'].map((name) => `${tag}${name}`) as [string, string, string, string]
const addresses = { [podA]: ['10.244.0.2', 'fd00:244::2'], [podB]: ['10.244.0.3', 'fd00:244::3'] } as const
const run = (...command: string[]): string => execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' })
const within = (netns: string, ...command: string[]): string => run('ip', 'netns', 'exec', netns, ...command)
const servers: ChildProcess[] = []

beforeAll(async () => {
  for (const name of [host, podA, podB, outside]) {
    run('ip', 'netns', 'add', name)
    within(name, 'ip', 'link', 'set', 'lo', 'up')
  }
  within(host, 'sh', '-c', 'for s in ipv4/ip_forward ipv6/conf/all/forwarding bridge/bridge-nf-call-iptables bridge/bridge-nf-call-ip6tables ipv4/conf/all/route_localnet; do echo 1 > /proc/sys/net/$s; done')
  within(host, 'ip', 'link', 'add', 'cni0', 'type', 'bridge')
  link(host, 'out', outside, ['192.168.50.1/24', 'fd00:50::1/64'], ['192.168.50.2/24', 'fd00:50::2/64'])
  for (const address of ['10.244.0.1/24', 'fd00:244::1/64']) add(host, 'cni0', address)
  within(host, 'ip', 'link', 'set', 'cni0', 'up')
  for (const [pod, [v4, v6]] of Object.entries(addresses)) {
    link(host, pod, pod, [], [`${v4}/24`, `${v6}/64`])
    within(host, 'ip', 'link', 'set', pod, 'master', 'cni0')
    within(host, 'ip', 'link', 'set', pod, 'type', 'bridge_slave', 'hairpin', 'on')
    route(pod, '10.244.0.1', 'fd00:244::1')
  }
  route(outside, '192.168.50.1', 'fd00:50::1')
  route(host, '192.168.50.2', 'fd00:50::2')
  await Promise.all([podA, podB].map(serve))
})
afterAll(() => {
  for (const server of servers) server.kill('SIGKILL')
  for (const name of [host, podA, podB, outside]) run('ip', 'netns', 'delete', name)
})
beforeEach(() => within(host, 'sh', '-c', 'nft flush ruleset'))

function link(a: string, device: string, b: string, ofA: readonly string[], ofB: readonly string[]): void {
  run('ip', 'link', 'add', device, 'netns', a, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', b)
  for (const address of ofA) add(a, device, address)
  for (const address of ofB) add(b, 'eth0', address)
  within(a, 'ip', 'link', 'set', device, 'up')
  within(b, 'ip', 'link', 'set', 'eth0', 'up')
}
const add = (netns: string, device: string, address: string): string => within(netns, 'ip', 'address', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []))
function route(netns: string, v4: string, v6: string): void {
  within(netns, 'ip', 'route', 'add', 'default', 'via', v4)
  within(netns, 'ip', '-6', 'route', 'add', 'default', 'via', v6)
}

/** Says its name and who asks, over both families. */
async function serve(pod: string): Promise<void> {
  const script = `require('net').createServer((s) => s.on('error', () => {}).end('${pod === podA ? 'a' : 'b'} ' + s.remoteAddress.replace('::ffff:', ''))).listen(8080, '::', () => console.log('up'))`
  const server = spawn('ip', ['netns', 'exec', pod, process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  servers.push(server)
  await new Promise((resolve) => server.stdout!.once('data', resolve))
}

/** `a 10.244.0.1`: who answered, and what it took for the asker's address; `refused`; or `silence`. As often as asked, one after another. */
function askOften(times: number, from: string, address: string, port: number): Promise<string[]> {
  const script = `
    const once = (end) => { let over = false; const done = (x) => over || (over = true, clearTimeout(timer), end(x)); const s = require('net').connect(${port}, '${address}'); let t = ''; const timer = setTimeout(() => t || (s.destroy(), done('silence')), 1500)
      s.on('data', (d) => t += d).on('end', () => done(t)).on('error', (e) => done(e.code === 'ECONNREFUSED' ? 'refused' : e.code)) }
    const go = (left) => left > 0 && once((answer) => { console.log(answer); go(left - 1) })
    go(${times})`
  return new Promise((resolve, reject) => execFile('ip', ['netns', 'exec', from, process.execPath, '-e', script], (error, out) => (error ? reject(error) : resolve(out.trim().split('\n')))))
}
const ask = async (from: string, address: string, port: number): Promise<string> => (await askOften(1, from, address, port))[0]!

const endpoint = (pod: string, local = true): Endpoint => ({ ip: addresses[pod]![0], port: 8080, local })
const both = [endpoint(podA), endpoint(podB)]
const service = (more: Partial<ServicePort> = {}): ServicePort => ({
  id: 'default/web', protocol: 'tcp', port: 80, clusterIPs: ['10.96.0.10'], externalIPs: [], nodePort: 30080, affinitySeconds: undefined,
  internal: both, external: both, externalLocal: false, anywhere: true, sourceRanges: [], healthCheckNodePort: undefined, ...more,
})
function apply(port: ServicePort, family: 'IPv4' | 'IPv6' = 'IPv4'): void {
  const clusterCIDR = family === 'IPv4' ? '10.244.0.0/16' : 'fd00:244::/64'
  execFileSync('ip', ['netns', 'exec', host, 'nft', '-f', '-'], { input: wholeTable('proxy', rulesetOf([port], { family, clusterCIDR })) })
}

test('a Service from a pod, from the node, and from the pod that is behind it', async () => {
  apply(service({ internal: [endpoint(podB)] }))
  expect(await ask(podA, '10.96.0.10', 80), 'pods keep their address').toBe('b 10.244.0.2')
  expect(await ask(host, '10.96.0.10', 80)).toMatch(/^b (10\.244\.0\.1|192\.168\.50\.1)$/)
  expect(await ask(podB, '10.96.0.10', 80), 'the way back leads through the node').toBe('b 10.244.0.1')
})

test('a node port from outside, from a pod, and on every address of the node', async () => {
  apply(service({ external: [endpoint(podA)] }))
  expect(await ask(outside, '192.168.50.1', 30080), 'the answer must come back through the node').toBe('a 10.244.0.1')
  expect(await ask(podB, '10.244.0.1', 30080)).toMatch(/^a 10\.244\.0\./)
  for (const address of ['192.168.50.1', '10.244.0.1', '127.0.0.1']) expect(await ask(host, address, 30080), address).toMatch(/^a /)
})

test('with externalTrafficPolicy Local the asker is seen as it is, and a node without endpoints is silent to it, not to its own', async () => {
  apply(service({ externalLocal: true, external: [endpoint(podA)] }))
  expect(await ask(outside, '192.168.50.1', 30080)).toBe('a 192.168.50.2')
  apply(service({ externalLocal: true, external: [] }))
  expect(await ask(outside, '192.168.50.1', 30080)).toBe('silence')
})

test('without endpoints a Service refuses, inside and outside', async () => {
  apply(service({ internal: [], external: [], anywhere: false }))
  expect(await ask(podA, '10.96.0.10', 80)).toBe('refused')
  expect(await ask(outside, '192.168.50.1', 30080)).toBe('refused')
})

test('an asker stays with its endpoint where the Service says so, and is spread where not', async () => {
  const answers = async (): Promise<Set<string>> => new Set((await askOften(32, host, '10.96.0.10', 80)).map((answer) => answer[0]!))
  apply(service())
  expect(await answers()).toEqual(new Set(['a', 'b']))
  apply(service({ affinitySeconds: 60 }))
  expect((await answers()).size).toBe(1)
})

test('source ranges of a load balancer keep others out', async () => {
  apply(service({ externalIPs: ['203.0.113.7'], sourceRanges: ['192.168.60.0/24'] }))
  expect(await ask(outside, '203.0.113.7', 80)).toBe('silence')
  apply(service({ externalIPs: ['203.0.113.7'], sourceRanges: ['192.168.50.0/24'] }))
  expect(await ask(outside, '203.0.113.7', 80)).toMatch(/^(a|b) /)
})

test('the same over IPv6', async () => {
  const six = { ip: addresses[podB]![1], port: 8080, local: true }
  apply(service({ clusterIPs: ['fd00:96::10'], internal: [six], external: [six] }), 'IPv6')
  expect(await ask(podA, 'fd00:96::10', 80)).toBe('b fd00:244::2')
  expect(await ask(podB, 'fd00:96::10', 80)).toBe('b fd00:244::1')
  expect(await ask(outside, 'fd00:50::1', 30080)).toBe('b fd00:244::1')
})
