import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import type { Pod } from '#api/core/v1/types'
import type { TestNode } from '../test-node'
import { shell, startTestNode } from '../test-node'
import { linuxMounts } from './mounts'

let node: TestNode
beforeAll(async () => {
  node = await startTestNode(249)
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
})

const ready = (pod: Pod | undefined): boolean => pod?.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
const inside = async (name: string, ...command: string[]): Promise<string> => {
  const [container] = await node.kubelet.runtime.listContainers({ state: 'running', labels: { 'io.kubernetes.pod.name': name } })
  const { stdout, stderr } = await node.kubelet.runtime.execSync(container!.id, command, 5)
  return Buffer.concat([stdout, stderr]).toString()
}
const eventually = async (what: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !(await what()); ) {
    if (Date.now() > end) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

test('config maps, secrets, tokens and the downward API are shown, and followed', async () => {
  node.api.seed(configmaps, { metadata: { name: 'conf', namespace: 'default' }, data: { color: 'red', 'other.txt': 'x' } })
  node.api.seed(configmaps, { metadata: { name: 'kube-root-ca.crt', namespace: 'default' }, data: { 'ca.crt': 'CA' } })
  node.api.seed(secrets, { metadata: { name: 'hidden', namespace: 'default' }, data: { password: Buffer.from('s3cret').toString('base64') } })
  const asked: unknown[] = []
  node.api.intercept((call) => {
    if (!call.path.endsWith('/serviceaccounts/default/token')) return undefined
    asked.push(call.body)
    return { code: 201, body: { status: { token: 'tok', expirationTimestamp: new Date(Date.now() + 3_607_000).toISOString() } }, warnings: [] }
  })
  node.create('show', {
    securityContext: { fsGroup: 2000 },
    containers: [shell('exec sleep 1000', { volumeMounts: [
      { name: 'conf', mountPath: '/conf' }, { name: 'hidden', mountPath: '/hidden', readOnly: true }, { name: 'info', mountPath: '/info' },
      { name: 'api', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }, { name: 'conf', mountPath: '/one/color', subPath: 'color' },
    ] })],
    volumes: [
      { name: 'conf', configMap: { name: 'conf' } },
      { name: 'hidden', secret: { secretName: 'hidden', defaultMode: 0o400 } },
      { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'api', projected: { sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ] } },
    ],
  }, { labels: { app: 'show' } })
  await node.until('show', ready)
  expect(await inside('show', 'cat', '/conf/color', '/conf/other.txt', '/hidden/password', '/one/color')).toBe('redxs3cretred')
  expect(await inside('show', 'cat', '/info/labels')).toBe('app="show"')
  expect(await inside('show', 'sh', '-c', 'cd /var/run/secrets/kubernetes.io/serviceaccount; cat token ca.crt namespace')).toBe('tokCAdefault')
  expect(asked).toMatchObject([{ spec: { expirationSeconds: 3607, boundObjectRef: { kind: 'Pod', name: 'show', uid: 'show-0000' } } }])
  const file = statSync(`${node.directory}/kubelet/pods/show-0000/volumes/kubernetes.io~secret/hidden/password`)
  expect({ mode: (file.mode & 0o777).toString(8), group: file.gid }).toEqual({ mode: '440', group: 2000 })
  expect((await linuxMounts.below(`${node.directory}/kubelet/pods/show-0000`)).length).toBe(4)

  node.api.seed(configmaps, { metadata: { name: 'conf', namespace: 'default' }, data: { color: 'blue', third: 'y' } })
  await eventually(async () => (await inside('show', 'cat', '/conf/color')) === 'blue')
  expect((await inside('show', 'ls', '/conf')).trim().split('\n')).toEqual(['color', 'third'])
  // A part that was mounted by itself stays what it was, as in the original.
  expect(await inside('show', 'cat', '/one/color')).toBe('red')
  const pod = node.pod('show')!
  node.api.seed(pods, { ...pod, metadata: { ...pod.metadata, labels: { app: 'changed' } } })
  await eventually(async () => (await inside('show', 'cat', '/info/labels')) === 'app="changed"')

  node.delete('show', 1)
  await node.until('show', (one) => one === undefined)
  expect(existsSync(`${node.directory}/kubelet/pods/show-0000`)).toBe(false)
})

test('a pod waits for a config map that is not there yet', async () => {
  node.create('early', { containers: [shell('exec sleep 1000', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })], volumes: [{ name: 'v', configMap: { name: 'late' } }] })
  await eventually(() => node.events('early').includes('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "late" not found'))
  expect(node.pod('early')?.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('ContainerCreating')
  node.api.seed(configmaps, { metadata: { name: 'late', namespace: 'default' }, data: { a: 'b' } })
  await node.until('early', ready, 5)
})

test('memory volumes are limited and go with the pod; host paths stay', async () => {
  const shared = `${node.directory}/shared`
  mkdirSync(`${shared}/sub`, { recursive: true })
  symlinkSync('/etc', `${shared}/out`)
  node.create('disk', {
    containers: [shell('dd if=/dev/zero of=/mem/big bs=1k count=2000; echo kept > /host/file; exec sleep 1000', { volumeMounts: [{ name: 'mem', mountPath: '/mem' }, { name: 'host', mountPath: '/host', subPath: 'sub' }] })],
    volumes: [{ name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }, { name: 'host', hostPath: { path: shared, type: 'Directory' } }],
  })
  await node.until('disk', ready)
  const mem = `${node.directory}/kubelet/pods/disk-0000/volumes/kubernetes.io~empty-dir/mem`
  await eventually(() => existsSync(`${shared}/sub/file`))
  expect(statSync(`${mem}/big`).size).toBe(1024 * 1024)
  node.delete('disk', 1)
  await node.until('disk', (one) => one === undefined)
  expect(await linuxMounts.below(`${node.directory}/kubelet/pods/disk-0000`)).toEqual([])
  expect(readFileSync(`${shared}/sub/file`, 'utf8')).toBe('kept\n')

  node.create('escape', { containers: [shell('true', { volumeMounts: [{ name: 'host', mountPath: '/host', subPath: 'out' }] })], volumes: [{ name: 'host', hostPath: { path: shared } }] })
  await node.until('escape', (pod) => pod?.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError')
  expect(node.pod('escape')?.status.containerStatuses?.[0]?.state.waiting?.message).toBe('failed to prepare subPath for volumeMount "host" of container "main": subPath "out" leads out of its volume')
  rmSync(shared, { recursive: true })
})

test('a kind of volume that is not there is refused by name', async () => {
  node.create('nfs', { containers: [shell('true', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })], volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] })
  await eventually(() => node.events('nfs').some((event) => event.includes('volume "v": volumes of kind nfs are not supported by this kubelet')))
})

test('hooks run at the start and before the end', async () => {
  node.create('hooks', { terminationGracePeriodSeconds: 5, containers: [shell('trap "exit 0" TERM; while true; do sleep 0.1; done', {
    lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo up > /data/up'] } }, preStop: { exec: { command: ['sh', '-c', 'echo down > /data/down'] } } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  })], volumes: [{ name: 'data', hostPath: { path: `${node.directory}/hooks`, type: 'DirectoryOrCreate' } }] })
  await node.until('hooks', ready)
  expect(readFileSync(`${node.directory}/hooks/up`, 'utf8')).toBe('up\n')
  node.delete('hooks', 5)
  await node.until('hooks', (one) => one === undefined, 4)
  expect(readFileSync(`${node.directory}/hooks/down`, 'utf8')).toBe('down\n')
})

test('security context: user, groups, capabilities, read-only root', async () => {
  node.create('safe', {
    restartPolicy: 'Never', securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, runAsNonRoot: true, sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '99' }] },
    containers: [shell('id; touch /x; grep CapBnd /proc/self/status; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; grep Seccomp: /proc/self/status', { securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } } })],
  })
  await node.until('safe', (pod) => pod?.status.phase === 'Succeeded')
  const log = readFileSync(`${node.directory}/logs/default_safe_safe-0000/main/0.log`, 'utf8')
  expect(log).toContain('uid=1000 gid=3000 groups=2000,3000'.split(' ')[0])
  expect(log).toMatch(/gid=3000/)
  expect(log).toContain('Read-only file system')
  expect(log).toContain('CapBnd:\t0000000000000000')
  expect(log).toContain(' F 99\n')
  expect(log).toMatch(/Seccomp:\s+2/)
  node.create('root', { securityContext: { runAsNonRoot: true }, containers: [shell('true')] })
  await node.until('root', (pod) => pod?.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError')
  expect(node.pod('root')?.status.containerStatuses?.[0]?.state.waiting?.message).toBe('container has runAsNonRoot and image will run as root (pod: "root_default(root-0000)", container: main)')
})
