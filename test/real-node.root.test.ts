import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pod, Node } from '#api/core/v1/types'
import { freePort, whyNoRealNode } from './real-node/machine'
import { type RealNode, startRealNode, until } from './real-node/real-node'

const shop = fileURLToPath(new URL('manifests/shop.yaml', import.meta.url))
const why = await whyNoRealNode()
if (why) console.warn(`the journey of a real node is skipped: ${why}`)

describe.skipIf(why)('an ordinary application on a real node, by stock kubectl', () => {
  let node: RealNode
  let files: string
  /** Of the kubectl that is on the PATH: Debian's 1.20 knows less. */
  let minor: number
  const k = (...args: string[]): Promise<string> => node.kubectl('-n', 'shop', ...args)
  const podsOf = async (label: string): Promise<Pod[]> => (await node.get<{ items: Pod[] }>('pods', '-n', 'shop', '-l', label)).items
  const first = async (label: string): Promise<string> => (await podsOf(label)).find(({ metadata }) => !metadata.deletionTimestamp)!.metadata.name

  beforeAll(async () => {
    node = await startRealNode()
    minor = Number(/"gitVersion": "v1\.(\d+)/.exec(await node.kubectl('version', '--client', '-o', 'json'))?.[1] ?? Infinity)
    files = mkdtempSync(join(tmpdir(), 'navarch-journey-'))
  })
  afterAll(async () => {
    rmSync(files, { recursive: true, force: true })
    await node?.reset()
  })

  test('apply, from the client and on the server; diff', async () => {
    expect(await node.kubectl('apply', '-f', shop)).toContain('deployment.apps/web created')
    expect(await node.kubectl('apply', '-f', shop)).toContain('deployment.apps/web unchanged')
    expect(await node.kubectl('apply', '--server-side', '--force-conflicts', '-f', shop)).toContain('deployment.apps/web serverside-applied')
    const changed = join(files, 'shop.yaml')
    writeFileSync(changed, readFileSync(shop, 'utf8').replace('replicas: 3', 'replicas: 4'))
    const diff = await node.tryKubectl('diff', '-f', changed)
    expect(diff.code).toBe(1)
    expect(diff.out).toMatch(/^- {2}replicas: 3$/m)
    expect(diff.out).toMatch(/^\+ {2}replicas: 4$/m)
    expect((await node.tryKubectl('diff', '--server-side', '--force-conflicts', '-f', shop)).code).toBe(0)
  })

  test('every workload comes up', async () => {
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    await k('rollout', 'status', 'statefulset/db', '--timeout=60s')
    await k('rollout', 'status', 'daemonset/agent', '--timeout=60s')
    await k('wait', '--for=condition=Complete', 'job/import', '--timeout=60s')
    const wide = await k('get', 'pods', '-o', 'wide')
    expect(wide.split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES/)
    expect(wide).toMatch(/^db-1 +1\/1 +Running +0 /m)
    const description = await k('describe', 'pod', await first('app=web'))
    expect(description).toMatch(/Normal +Started .*kubelet +.*Container started/)
    expect(description).toMatch(/Ready +True/)
    expect(await k('describe', 'deployment', 'web')).toContain('3 desired | 3 updated | 3 total | 3 available | 0 unavailable')
    expect(await node.kubectl('describe', 'node')).toContain('kubelet is posting ready status')
  })

  test('logs, once and followed', async () => {
    const web = await first('app=web')
    expect(await k('logs', web)).toContain(`hello from ${web}`)
    expect(await k('logs', '-l', 'app=web', '--prefix', '--timestamps', '--tail=1')).toMatch(/^\[pod\/web-.*\/httpd\] \d{4}-\d\d-\d\dT/)
    const following = node.spawnKubectl('-n', 'shop', 'logs', '-f', web)
    let text = ''
    following.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await until(() => text.includes('hello from'), 'the first line')
    await k('exec', web, '--', 'wget', '-qO-', 'http://127.0.0.1:8080/settings-of-nobody').catch(() => undefined)
    await until(() => text.includes('response:404'), 'what was written while it was followed')
    following.kill('SIGKILL')
    // Whoever follows may go at any time.
    expect(await node.kubectl('get', '--raw', '/readyz')).toBe('ok')
  })

  test('exec with a terminal, cp, port-forward', async () => {
    const web = await first('app=web')
    expect(await k('exec', web, '--', 'sh', '-c', 'echo $GREETING $PASSWORD')).toBe('hello s3cret\n')
    const terminal = spawnSync('script', ['-qec', `${node.program} -n shop exec -it ${web} -- sh -c 'tty; exit 3'`, '/dev/null'], { env: { ...process.env, KUBECONFIG: node.kubeconfig }, encoding: 'utf8' })
    expect(terminal.stdout).toContain('/dev/pts/0')
    expect(terminal.status).toBe(3)
    const sent = join(files, 'sent')
    writeFileSync(sent, 'over and back')
    await k('cp', sent, `${web}:/sent`)
    await k('cp', `${web}:/sent`, join(files, 'back'))
    expect(readFileSync(join(files, 'back'), 'utf8')).toBe('over and back')
    const port = await freePort()
    const forward = node.spawnKubectl('-n', 'shop', 'port-forward', 'service/web', `${port}:80`)
    await until(async () => (await (await fetch(`http://127.0.0.1:${port}/`)).text()).includes('welcome to the shop'), 'the page through port-forward')
    forward.kill()
  })

  test('set env, rollout history, undo, restart, scale, set image', async () => {
    const rolledOut = (): Promise<string> => k('rollout', 'status', 'deployment/web', '--timeout=60s')
    await k('set', 'env', 'deployment/web', 'COLOR=blue')
    await rolledOut()
    expect(await k('rollout', 'history', 'deployment/web')).toMatch(/^1 .*\n2 /m)
    await k('rollout', 'undo', 'deployment/web')
    await rolledOut()
    expect(await k('exec', await first('app=web'), '--', 'sh', '-c', 'echo "[$COLOR]"')).toBe('[]\n')
    await k('rollout', 'restart', 'deployment/web')
    await rolledOut()
    await k('scale', 'deployment/web', '--replicas=2')
    await until(async () => (await podsOf('app=web')).length === 2, 'two pods are left')
    await k('set', 'image', 'deployment/web', 'httpd=docker.io/library/busybox:1.35')
    await rolledOut()
    expect((await podsOf('app=web')).map(({ spec }) => spec.containers[0]!.image)).toContain('docker.io/library/busybox:1.35')
  })

  test('label, annotate, edit, wait, delete', async () => {
    await k('label', 'pods', '-l', 'app=web', 'tier=front')
    expect((await podsOf('tier=front')).length).toBeGreaterThan(0)
    await k('annotate', 'deployment', 'web', 'note=one')
    const editor = join(files, 'editor')
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/note: one/note: two/" "$1"\n', { mode: 0o755 })
    spawnSync(node.program, ['-n', 'shop', 'edit', 'deployment', 'web'], { env: { ...process.env, KUBECONFIG: node.kubeconfig, EDITOR: editor } })
    expect(await k('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.annotations.note}')).toBe('two')
    await k('wait', '--for=condition=Available', 'deployment/web', '--timeout=30s')
    const web = await first('app=web')
    expect(await k('delete', 'pod', web, '--wait')).toContain(`pod "${web}" deleted`)
    expect((await node.tryKubectl('-n', 'shop', 'get', 'pod', web)).err).toContain(`pods "${web}" not found`)
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
  })

  test('what is asked about: auth, explain, api-resources, events; top says that it has no metrics', async () => {
    expect(await k('auth', 'can-i', 'create', 'pods')).toBe('yes\n')
    expect((await node.tryKubectl('-n', 'shop', 'auth', 'can-i', 'create', 'pods', '--as=nobody')).out).toContain('no')
    if (minor >= 27) expect(await k('auth', 'whoami')).toContain('kubernetes-admin')
    expect(await node.kubectl('explain', 'pod.spec.containers.image')).toMatch(/FIELD: +image <string>/)
    expect(await node.kubectl('api-resources')).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m)
    expect(await (minor >= 26 ? k('events') : k('get', 'events'))).toMatch(/Normal +ScalingReplicaSet +deployment\/web/i)
    for (const what of ['pods', 'nodes']) expect((await node.tryKubectl('top', what)).err).toContain('Metrics API not available')
  })

  test('from inside a pod: a Service by its name, the API server with the mounted token', async () => {
    const inside = async (script: string): Promise<string> => k('exec', 'db-0', '--', 'sh', '-c', script)
    for (const name of ['web', 'web.shop', 'web.shop.svc.cluster.local']) expect(await inside(`nslookup ${name} >/dev/null 2>&1; printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | nc ${name} 80`)).toContain('welcome to the shop')
    // A StatefulSet's pods have names of their own.
    const { status } = await node.get<Pod>('pod', '-n', 'shop', 'db-1')
    expect(await inside('nslookup db-1.db.shop.svc.cluster.local')).toContain(status.podIP!)
    expect(await inside('cat /var/run/secrets/kubernetes.io/serviceaccount/namespace')).toBe('shop')
    const token = await inside('cat /var/run/secrets/kubernetes.io/serviceaccount/token')
    expect(await inside('nslookup kubernetes.default.svc.cluster.local')).toContain('10.96.0.1')
    expect(await inside('nc -w 2 kubernetes.default 443 </dev/null && echo open')).toContain('open')
    const review = JSON.stringify({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' })
    const asPod = await node.kubectlWith(review, `--token=${token}`, '--kubeconfig=/dev/null', `--server=https://127.0.0.1:${node.apiPort}`, '--insecure-skip-tls-verify', 'create', '--validate=false', '-o', 'json', '-f', '-')
    expect(asPod).toContain('system:serviceaccount:shop:default')
    expect(asPod).toContain('db-0')
  })

  test('drain moves pods away, uncordon lets them back', async () => {
    const name = (await node.get<{ items: Node[] }>('nodes')).items[0]!.metadata.name
    const refused = await node.tryKubectl('drain', name)
    expect(refused.err).toContain('cannot delete DaemonSet-managed Pods')
    await node.kubectl('drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=90s')
    expect(await node.kubectl('get', 'nodes')).toContain('Ready,SchedulingDisabled')
    const pending = (await podsOf('app=web')).find(({ status }) => status.phase === 'Pending')
    expect(pending?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toContain('0/1 nodes are available: 1 node(s) were unschedulable')
    await node.kubectl('uncordon', name)
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    await k('rollout', 'status', 'statefulset/db', '--timeout=60s')
  })

  describe('a kill under load', () => {
    test('loses no acknowledged write, and containers do not notice', async () => {
      const acknowledged: string[] = []
      const containers = async (): Promise<Record<string, unknown>> =>
        Object.fromEntries((await podsOf('app in (web,db,agent)')).map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.map(({ containerID, restartCount, state }) => [containerID, restartCount, state.running?.startedAt])]))
      const before = await containers()
      let writing = true
      const write = async (writer: number): Promise<void> => {
        for (let i = 0; writing; i++) {
          const name = `w${writer}-${i}`
          const made = await node.tryKubectl('-n', 'shop', 'create', 'configmap', name, `--from-literal=i=${i}`)
          if (made.code === 0) acknowledged.push(name)
        }
      }
      const writers = [write(0), write(1)]
      await until(() => acknowledged.length >= 10, 'writes are under way')
      await node.end('SIGKILL')
      writing = false
      await Promise.all(writers)
      await node.up()
      const kept = new Set((await k('get', 'configmaps', '-o', 'name')).trim().split('\n').map((line) => line.split('/')[1]))
      expect(acknowledged.filter((name) => !kept.has(name))).toEqual([])
      expect(await containers()).toEqual(before)
      // And they are still served: by name, by Service, by the kubelet.
      expect(await k('exec', 'db-0', '--', 'sh', '-c', "printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | nc web 80")).toContain('welcome to the shop')
      expect(await containers()).toEqual(before)
    })

    test('a pod that is made afterwards runs; SIGTERM ends the process cleanly', async () => {
      await k('run', 'late', '--image=busybox:1.35', '--image-pull-policy=IfNotPresent', '--restart=Never', '--', 'true')
      await node.waitFor('{.status.phase}', 'Succeeded', '-n', 'shop', 'pod/late')
      await node.end('SIGTERM')
      expect(spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout).not.toContain('navarch-guard')
      await node.up()
    })
  })

  test('down stops the containers, up brings the same cluster back', async () => {
    const before = (await podsOf('app=db')).map(({ metadata }) => metadata.uid).sort()
    const down = await node.navarch('down')
    expect(down.err).toMatch(/stopped \d+ pods of its node/)
    expect(down.code).toBe(0)
    await node.up()
    await k('rollout', 'status', 'statefulset/db', '--timeout=90s')
    await k('rollout', 'status', 'deployment/web', '--timeout=90s')
    expect((await podsOf('app=db')).map(({ metadata }) => metadata.uid).sort()).toEqual(before)
    expect((await podsOf('app=db'))[0]!.status.containerStatuses![0]!.restartCount).toBe(1)
  })

  test('reset leaves nothing on the machine', async () => {
    await node.reset()
    const machine = spawnSync('sh', ['-c', 'ip -br addr; nft list tables; cat /proc/mounts; ls /run/netns /var/log/pods; find /sys/fs/cgroup -maxdepth 4 -name "kubepods*"; ps axo stat,args | grep -v ^Z | grep -E "contain[e]rd.*navarch"'], { encoding: 'utf8' }).stdout
    for (const trace of ['cni0', 'navarch', '10.96.0.', 'netns/cni-', 'shop_', 'kubepods']) expect(machine).not.toContain(trace)
  })
})
