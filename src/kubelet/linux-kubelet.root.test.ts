import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestNode } from './test-node'
import { shell, startTestNode } from './test-node'

let node: TestNode
beforeAll(async () => {
  node = await startTestNode(247)
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
})

const ready = (pod: { status: { conditions?: { type: string; status: string }[] } } | undefined): boolean => pod?.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false

test('a pod runs with an address, an environment and files, and leaves nothing behind', async () => {
  node.create('web', {
    containers: [shell('echo "hello $NAME from $IP"; cat /etc/hosts > /data/hosts; cat /etc/resolv.conf >> /data/hosts; exec sleep 1000', {
      env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
      resources: { limits: { memory: '64Mi', cpu: '500m' }, requests: { memory: '64Mi', cpu: '500m' } },
    })],
    volumes: [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
  })
  const pod = (await node.until('web', ready))!
  expect(pod.status).toMatchObject({ phase: 'Running', podIP: expect.stringMatching(/^10\.247\.0\./), qosClass: 'Guaranteed' })
  expect(pod.status.containerStatuses?.[0]).toMatchObject({ image: 'docker.io/library/busybox:test', restartCount: 0, started: true, containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/) })
  expect(node.events('web').map((event) => event.split(':')[0])).toEqual(['Pulled', 'Created', 'Started'])
  const log = readFileSync(`${node.directory}/logs/default_web_web-0000/main/0.log`, 'utf8')
  expect(log).toMatch(/stdout F hello web from 10\.247\.0\./)
  const hosts = readFileSync(`${node.directory}/kubelet/pods/web-0000/volumes/kubernetes.io~empty-dir/data/hosts`, 'utf8')
  expect(hosts).toContain(`${pod.status.podIP}\tweb`)
  expect(hosts).toContain('nameserver 10.96.0.10')
  expect(readFileSync('/sys/fs/cgroup/memory/navarch-test-247/kubepods/podweb-0000/memory.limit_in_bytes', 'utf8').trim()).toBe(String(64 * 1024 * 1024))

  node.delete('web')
  await node.until('web', (one) => one === undefined)
  expect(existsSync(`${node.directory}/kubelet/pods/web-0000`)).toBe(false)
  expect(existsSync('/sys/fs/cgroup/memory/navarch-test-247/kubepods/podweb-0000')).toBe(false)
})

test('exit codes, last words and restarts', async () => {
  node.create('bad', { restartPolicy: 'OnFailure', containers: [shell('echo -n "out of luck" > /dev/termination-log; exit 7')] })
  const pod = await node.until('bad', (one) => (one?.status.containerStatuses?.[0]?.restartCount ?? 0) >= 1 && one?.status.containerStatuses?.[0]?.state.waiting !== undefined)
  expect(pod?.status.containerStatuses?.[0]).toMatchObject({
    state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 7, reason: 'Error', message: 'out of luck' } },
  })
})

test('a container that takes too much memory is OOMKilled', async () => {
  node.create('oom', { restartPolicy: 'Never', containers: [shell('a=x; while true; do a=$a$a; done', { resources: { limits: { memory: '16Mi' } } })] })
  const pod = await node.until('oom', (one) => one?.status.phase === 'Failed')
  expect(pod?.status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
})

test('probes over exec, http and tcp', async () => {
  node.create('probed', { containers: [
    shell('echo ok > /index.html; httpd -p 8080 -h /; touch /tmp-ready; exec sleep 1000', {
      startupProbe: { exec: { command: ['cat', '/tmp-ready'] }, periodSeconds: 1, failureThreshold: 10 },
      readinessProbe: { httpGet: { port: 8080, path: '/index.html' }, periodSeconds: 1 },
      livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    }),
    shell('exec sleep 1000', { name: 'sick', readinessProbe: { httpGet: { port: 8081 }, periodSeconds: 1 } }),
  ] })
  const pod = await node.until('probed', (one) => one?.status.containerStatuses?.[0]?.ready === true && node.events('probed').some((event) => event.startsWith('Unhealthy')))
  expect(pod?.status.containerStatuses?.[1]?.ready).toBe(false)
  expect(node.events('probed').find((event) => event.startsWith('Unhealthy'))).toMatch(/^Unhealthy: Readiness probe failed: Get "http:\/\/10\.247\.0\.\d+:8081\/": dial tcp 10\.247\.0\.\d+:8081: connect: connection refused/)
})

test('an image that is not there', async () => {
  node.create('never', { containers: [shell('true', { image: 'nowhere.invalid/x:1', imagePullPolicy: 'Never' }), shell('true', { name: 'upper', image: 'Bad:Name' })] })
  const pod = await node.until('never', (one) => one?.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImageNeverPull')
  expect(pod?.status.containerStatuses?.map((status) => status.state.waiting?.message)).toEqual([
    'Container image "nowhere.invalid/x:1" is not present with pull policy of Never',
    'Failed to apply default image tag "Bad:Name": couldn\'t parse image name "Bad:Name": invalid reference format: repository name (library/Bad) must be lowercase',
  ])
})

test('a restart of the kubelet adopts containers', async () => {
  node.create('stay', { containers: [shell('exec sleep 1000')] })
  const before = (await node.until('stay', ready))!.status.containerStatuses![0]!
  await node.stopKubelet()
  await node.startKubelet()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(node.pod('stay')?.status.containerStatuses?.[0]).toEqual(before)
  expect(readdirSync(`${node.directory}/logs/default_stay_stay-0000/main`)).toEqual(['0.log'])
})
