import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Node, PersistentVolume, Pod } from '#api/core/v1/types'
import { whyNoRealNode } from './real-node/machine'
import { type RealNode, startRealNode, until } from './real-node/real-node'

const manifest = fileURLToPath(new URL('manifests/corner.yaml', import.meta.url))
const why = await whyNoRealNode()
if (why) console.warn(`the corners of a real node are skipped: ${why}`)

const pod = (name: string, spec: object): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'corner' }, spec: { terminationGracePeriodSeconds: 1, ...spec } })
const busybox = (...command: string[]): object => ({ name: 'c', image: 'busybox:1.35', imagePullPolicy: 'IfNotPresent', command })

describe.skipIf(why)('the corners of a real node', () => {
  let node: RealNode
  let home: string
  const k = (...args: string[]): Promise<string> => node.kubectl('-n', 'corner', ...args)
  const inside = (name: string, script: string): Promise<string> => k('exec', name, '--', 'sh', '-c', script)
  const self = async (): Promise<Node> => (await node.get<{ items: Node[] }>('nodes')).items[0]!

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'navarch-corners-'))
    for (const name of ['static', 'out', 'volume']) mkdirSync(join(home, name))
    node = await startRealNode(['--pod-manifest-path', join(home, 'static')])
    await node.kubectlWith(readFileSync(manifest, 'utf8').replace('path: OUT', `path: ${join(home, 'out')}`), 'apply', '-f', '-')
  })
  afterAll(async () => {
    await node?.reset()
    rmSync(home, { recursive: true, force: true })
  })

  test('a claim waits for a volume, says so, and its pod runs once there is one', async () => {
    await until(async () => (await k('get', 'pod', 'volumes', '-o', 'jsonpath={.status.conditions[0].message}')).includes('pod has unbound immediate PersistentVolumeClaims'), 'the pod says what it waits for')
    const affinity = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [(await self()).metadata.name] }] }] } }
    await node.kubectlWith(JSON.stringify({
      apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'kept' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', local: { path: join(home, 'volume') }, nodeAffinity: affinity },
    }), 'apply', '-f', '-')
    await k('wait', '--for=condition=Ready', 'pod/volumes', '--timeout=60s')
    await inside('volumes', 'echo mine > /kept/file')
    expect(readFileSync(join(home, 'volume', 'file'), 'utf8')).toBe('mine\n')
    expect(await k('get', 'pvc', 'kept')).toMatch(/kept +Bound +kept +1Gi +RWO/)
  })

  test('a claim without a class gets a volume of this machine where its pod runs; it goes with the claim', async () => {
    expect(await k('get', 'pvc', 'made')).toMatch(/made +Pending .* local /)
    const spec = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'made' } }], securityContext: { runAsUser: 1000 }, containers: [{ ...busybox('sh', '-c', 'echo found >> /v/file; exec sleep 3600'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }
    for (const name of ['first', 'second']) {
      await node.kubectlWith(pod(name, spec), 'apply', '-f', '-')
      await k('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s')
      if (name === 'first') await k('delete', 'pod', name)
    }
    expect(await inside('second', 'cat /v/file'), 'what the pod before left').toBe('found\nfound\n')
    const { spec: made } = await node.get<PersistentVolume>('pv', await k('get', 'pvc', 'made', '-o', 'jsonpath={.spec.volumeName}'))
    expect(existsSync(join(made.local!.path, 'file'))).toBe(true)
    await k('delete', 'pod', 'second')
    await k('delete', 'pvc', 'made')
    await until(() => !existsSync(made.local!.path), 'the volume is gone')
  })

  test('a node port on every address of the machine', async () => {
    await k('label', 'pod', 'helped', 'app=helped')
    await k('exec', 'helped', '-c', 'main', '--', 'sh', '-c', 'echo here > /index.html; httpd -p 8080 -h /')
    await node.kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'helped', namespace: 'corner' }, spec: { type: 'NodePort', selector: { app: 'helped' }, ports: [{ port: 80, targetPort: 8080 }] } }), 'apply', '-f', '-')
    const port = await k('get', 'service', 'helped', '-o', 'jsonpath={.spec.ports[0].nodePort}')
    const { hostIP } = (await node.get<Pod>('pod', '-n', 'corner', 'host')).status
    for (const address of ['127.0.0.1', hostIP]) await until(async () => (await (await fetch(`http://${address}:${port}/`)).text()) === 'here\n', `an answer at ${address}`, 20)
  })

  test('memory, parts of volumes, and a ConfigMap that changes', async () => {
    expect(await inside('volumes', 'grep " /memory " /proc/mounts')).toMatch(/tmpfs \/memory tmpfs .*size=1024k/)
    expect(await inside('volumes', 'dd if=/dev/zero of=/memory/x bs=1M count=2 2>&1 || true')).toContain('No space left on device')
    expect(await inside('volumes', 'cat /one/color /settings/shape; touch /scratch/here && ls /scratch')).toBe('blueroundhere\n')
    await k('patch', 'configmap', 'settings', '-p', '{"data":{"color":"red"}}')
    await until(async () => (await inside('volumes', 'cat /settings/color')) === 'red', 'the volume shows the change', 30)
    expect(await inside('volumes', 'cat /one/color'), 'a part of a volume stays as it was').toBe('blue')
  })

  test('the network of the host, and a name for another place', async () => {
    await k('wait', '--for=condition=Ready', 'pod/host', '--timeout=60s')
    const { status } = await node.get<Pod>('pod', '-n', 'corner', 'host')
    expect(status.podIP).toBe(status.hostIP)
    expect(await inside('host', 'ip addr')).toContain('cni0')
    expect(await inside('volumes', 'nslookup elsewhere.corner.svc.cluster.local')).toContain('10.96.0.1')
  })

  test('sidecars begin first and end last; hooks run at the beginning and the end', async () => {
    await k('wait', '--for=condition=Ready', 'pod/helped', '--timeout=60s')
    await until(async () => (await k('exec', 'helped', '-c', 'main', '--', 'cat', '/talk/log')) === 'helper\nbefore\nstarted\n', 'the order of beginnings')
    await k('delete', 'pod', 'helped', '--wait')
    expect(readFileSync(join(home, 'out', 'log'), 'utf8')).toBe('helper\nbefore\nstarted\nstopping\n')
  })

  test('the API server through kubernetes.default: TLS by the mounted authority, the mounted token', async () => {
    // Node's own program and its libraries, from this machine: busybox speaks no TLS.
    const script = `
      const { readFileSync: read } = require('fs'); const at = '/var/run/secrets/kubernetes.io/serviceaccount/'
      const ask = (path) => new Promise((done, fail) => require('https').get({ host: 'kubernetes.default', path, ca: read(at + 'ca.crt'), headers: { authorization: 'Bearer ' + read(at + 'token') } }, (answer) => {
        const { authorized } = answer.socket
        let text = ''; answer.on('data', (d) => text += d).on('end', () => done(answer.statusCode + ' ' + authorized + ' ' + text)) }).on('error', fail))
      ask('/version').then(console.log).then(() => ask('/api/v1/namespaces/corner/secrets')).then(console.log)`
    const at = (name: string, path: string) => ({ volume: { name, hostPath: { path } }, mount: { name, mountPath: path, readOnly: true } })
    const parts = [at('node', dirname(process.execPath)), at('lib', '/lib'), at('lib64', '/lib64')]
    await node.kubectlWith(pod('caller', { restartPolicy: 'Never', volumes: parts.map(({ volume }) => volume), containers: [{ ...busybox(process.execPath, '-e', script), volumeMounts: parts.map(({ mount }) => mount) }] }), 'apply', '-f', '-')
    await until(async () => /Succeeded|Failed/.test(await k('get', 'pod', 'caller', '-o', 'jsonpath={.status.phase}')), 'the caller is done')
    const [version, secrets] = (await k('logs', 'caller')).split(/\n(?=\d)/)
    expect(version).toMatch(/^200 true [^]*"minor": *"36"/)
    expect(secrets).toContain('403 true')
    expect(secrets).toContain('User \\"system:serviceaccount:corner:default\\" cannot list resource \\"secrets\\"')
  })

  test('a pod of higher priority takes the room of another, which is told', async () => {
    const cpu = Number((await self()).status.allocatable!['cpu'])
    const asking = (name: string, priorityClassName: string, request: number): string => pod(name, { priorityClassName, containers: [{ ...busybox('sleep', '3600'), resources: { requests: { cpu: String(request) } } }] })
    for (const [name, value] of [['low', 1], ['high', 1000]] as const) await node.kubectlWith(JSON.stringify({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value }), 'apply', '-f', '-')
    await node.kubectlWith(asking('humble', 'low', cpu * 0.7), 'apply', '-f', '-')
    await k('wait', '--for=condition=Ready', 'pod/humble', '--timeout=60s')
    await node.kubectlWith(asking('proud', 'high', cpu * 0.6), 'apply', '-f', '-')
    await k('wait', '--for=condition=Ready', 'pod/proud', '--timeout=60s')
    expect((await node.tryKubectl('-n', 'corner', 'get', 'pod', 'humble')).err).toContain('not found')
    expect((await node.get<Pod>('pod', '-n', 'corner', 'proud')).status.nominatedNodeName).toBeUndefined()
    expect(await k('get', 'events')).toMatch(/Normal +Preempted +pod\/humble +Preempted by pod [0-9a-f-]+ on node /)
  })

  test('a static pod runs from a file, is seen in the API, cannot be deleted there, and goes with its file', async () => {
    const name = `lonely-${(await self()).metadata.name}`
    const file = join(home, 'static', 'lonely.yaml')
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lonely' }, spec: { terminationGracePeriodSeconds: 1, containers: [busybox('sleep', '3600')] } }))
    await node.waitFor('{.status.phase}', 'Running', 'pod', name)
    const container = await node.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].containerID}')
    expect(await node.kubectl('exec', name, '--', 'echo', 'here')).toBe('here\n')
    await node.kubectl('delete', 'pod', name, '--wait=false')
    await node.waitFor('{.status.containerStatuses[0].containerID}', container, 'pod', name)
    rmSync(file)
    await until(async () => (await node.tryKubectl('get', 'pod', name)).err.includes('not found'), 'the pod is gone')
  })

  test('a claim that goes leaves a volume that is kept, with its data', async () => {
    await k('delete', 'pod', 'volumes')
    await k('delete', 'pvc', 'kept')
    await node.waitFor('{.status.phase}', 'Released', 'pv', 'kept')
    expect((await node.get<PersistentVolume>('pv', 'kept')).spec.claimRef?.name).toBe('kept')
    expect(readFileSync(join(home, 'volume', 'file'), 'utf8')).toBe('mine\n')
  })
})
