import { execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { masqueradeRules } from './masquerade'

/** A pod, its node, another node's pod and the world, each a network namespace; who is asked says by whom. */
const tag = `nvm${process.pid % 10_000}`
const [node, pod, world] = ['n', 'p', 'w'].map((name) => `${tag}${name}`) as [string, string, string]
const run = (...command: string[]): string => execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' })
const within = (netns: string, ...command: string[]): string => run('ip', 'netns', 'exec', netns, ...command)

beforeAll(() => {
  for (const name of [node, pod, world]) {
    run('ip', 'netns', 'add', name)
    within(name, 'ip', 'link', 'set', 'lo', 'up')
  }
  within(node, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  for (const [name, device, near, far] of [[pod, 'toPod', '10.244.0.1/24', '10.244.0.2/24'], [world, 'toWorld', '192.168.70.1/24', '192.168.70.2/24']] as const) {
    run('ip', 'link', 'add', device, 'netns', node, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    within(node, 'ip', 'address', 'add', near, 'dev', device)
    within(name, 'ip', 'address', 'add', far, 'dev', 'eth0')
    within(node, 'ip', 'link', 'set', device, 'up')
    within(name, 'ip', 'link', 'set', 'eth0', 'up')
    within(name, 'ip', 'route', 'add', 'default', 'via', near.split('/')[0]!)
  }
  // Behind the world is a pod of another node.
  within(world, 'ip', 'address', 'add', '10.244.7.9/32', 'dev', 'lo')
  within(node, 'ip', 'route', 'add', '10.244.7.0/24', 'via', '192.168.70.2')
})
afterAll(() => {
  for (const name of [node, pod, world]) run('ip', 'netns', 'delete', name)
})

/** The address by which the pod is seen at another one. */
async function seenAt(address: string): Promise<string> {
  const server = spawn('ip', ['netns', 'exec', world, process.execPath, '-e', `require('net').createServer((s) => { console.log(s.remoteAddress); s.end() }).listen(7000, '${address}', () => console.log('up'))`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = (): Promise<string> => new Promise((resolve) => server.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())))
  try {
    expect(await line()).toBe('up')
    const seen = line()
    within(pod, process.execPath, '-e', `require('net').connect(7000, '${address}').on('error', () => process.exit(1)).resume()`)
    return await seen
  } finally {
    server.kill('SIGKILL')
  }
}

test('a pod goes out by the address of its node, and to other pods by its own; the rules can be given again', async () => {
  for (let i = 0; i < 2; i++) execFileSync('ip', ['netns', 'exec', node, 'nft', '-f', '-'], { input: masqueradeRules('10.244.0.0/24', ['10.244.0.0/16']) })
  expect(await seenAt('192.168.70.2')).toBe('192.168.70.1')
  expect(await seenAt('10.244.7.9')).toBe('10.244.0.2')
})
