import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { navarch, onPath, type Ran, run, scratch, type Up, up } from './navarch'

const shop = resolve(import.meta.dirname, 'manifests/shop.yaml')

/** `kubectl` on the PATH, and whatever NAVARCH_KUBECTLS names beside it (paths, separated as in PATH): Debian's 1.20, the newest. */
const kubectls = [...(onPath('kubectl') ? [onPath('kubectl')!] : []), ...(process.env.NAVARCH_KUBECTLS ?? '').split(delimiter).filter(Boolean)]
if (kubectls.length === 0) console.warn('journeys with kubectl are skipped: there is no kubectl on the PATH (apt install kubernetes-client), and NAVARCH_KUBECTLS names none')

describe.skipIf(kubectls.length === 0).each(kubectls)('%s', (program) => {
  const directory = scratch()
  let cluster: Up
  let minor: number
  const kubectl = (...args: string[]): Promise<Ran> => run(program, args, { env: { KUBECONFIG: cluster.kubeconfig } })
  /** Runs it, expects it to do well, and hands back what it printed. */
  const ok = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await kubectl(...args)
    expect(code, `kubectl ${args.join(' ')}\n${out}${err}`).toBe(0)
    return out + err
  }
  beforeAll(async () => {
    cluster = await up(directory.path)
    // One that was built from a branch has no release: it is newer than all.
    minor = Number(/"gitVersion": "v1\.(\d+)/.exec(await ok('version', '--client', '-o', 'json'))?.[1] ?? Infinity)
  })
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  })

  test('an application is applied, looked at and described', async () => {
    expect(await ok('apply', '-f', shop)).toContain('deployment.apps/web created')
    await ok('wait', '-n', 'shop', '--for=condition=Available', 'deployment/web', '--timeout=30s')
    for (const workload of ['deployment/web', 'statefulset/db', 'daemonset/agent']) await ok('rollout', 'status', '-n', 'shop', workload, '--timeout=30s')
    await ok('wait', '-n', 'shop', '--for=condition=complete', 'job/import', '--timeout=30s')
    // 0: no difference. Applied again, nothing changes.
    await ok('diff', '-f', shop)
    const again = await ok('apply', '-f', shop)
    for (const same of ['deployment.apps/web', 'service/web', 'statefulset.apps/db', 'daemonset.apps/agent', 'job.batch/import', 'configmap/settings']) expect(again).toContain(`${same} unchanged`)
    expect((await kubectl('apply', '--server-side', '-f', shop)).err).toContain('conflict')
    expect(await ok('apply', '--server-side', '--force-conflicts', '-f', shop)).toContain('deployment.apps/web serverside-applied')

    expect(await ok('get', 'deployments', '-n', 'shop')).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 /)
    expect(await ok('get', 'pods', '-n', 'shop', '-l', 'app=web', '-o', 'wide')).toMatch(/NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb-\w+-\w+ +1\/1 +Running +0 /)
    expect(await ok('get', 'all', '-A')).toContain('service/kubernetes')
    expect(await ok('describe', 'pod', '-n', 'shop', 'db-0')).toMatch(/Successfully assigned shop\/db-0 to sim-\d/)
    expect(await ok('describe', 'deployment', '-n', 'shop', 'web')).toMatch(/Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable/)
    // Old ones look for events by the node's name in place of its UID: those of controllers they do not find.
    expect(await ok('describe', 'node', 'sim-0')).toContain('Starting kubelet.')
    expect(await ok('get', 'events', '-A')).toContain('RegisteredNode')
    expect(await ok('get', 'events', '-n', 'shop')).toContain('Scaled up replica set')
  })

  test('a rollout is followed, undone and restarted', async () => {
    const here = ['-n', 'shop', 'deployment/web']
    await ok('set', 'image', ...here, 'httpd=busybox:1.36')
    expect(await ok('rollout', 'status', ...here, '--timeout=30s')).toContain('deployment "web" successfully rolled out')
    expect(await ok('rollout', 'history', ...here)).toMatch(/1 +<none>\n2 +<none>/)
    await ok('rollout', 'undo', ...here)
    await ok('rollout', 'status', ...here, '--timeout=30s')
    expect(await ok('get', ...here, '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('busybox:1.35')
    await ok('rollout', 'restart', ...here)
    await ok('rollout', 'status', ...here, '--timeout=30s')
    expect(await ok('rollout', 'history', ...here)).toMatch(/2 +<none>\n3 +<none>\n4 +<none>/)
    await ok('scale', ...here, '--replicas=1')
    expect(await ok('get', ...here, '-o', 'jsonpath={.spec.replicas}')).toBe('1')
  })

  test('objects are changed in every way', async () => {
    const here = ['-n', 'shop', 'configmap/settings']
    await ok('label', ...here, 'tier=front')
    await ok('annotate', ...here, 'note=hi')
    const editor = join(directory.path, 'editor')
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/tier: front/tier: back/" "$1"\n')
    chmodSync(editor, 0o755)
    expect((await run(program, ['edit', ...here], { env: { KUBECONFIG: cluster.kubeconfig, EDITOR: editor, KUBE_EDITOR: editor } })).code).toBe(0)
    await ok('patch', ...here, '-p', '{"data":{"a":"1"}}')
    await ok('patch', ...here, '--type=json', '-p', '[{"op":"add","path":"/data/b","value":"2"}]')
    const now = JSON.parse(await ok('get', ...here, '-o', 'json')) as { metadata: { labels: object; annotations: object }; data: object }
    expect(now.metadata.labels).toEqual({ tier: 'back' })
    expect(now.metadata.annotations).toMatchObject({ note: 'hi' })
    expect(now.data).toMatchObject({ a: '1', b: '2', greeting: 'hello' })
    expect((await kubectl('patch', ...here, '-p', '{"immutable":"yes"}')).err).toContain('immutable')
    expect((await kubectl('get', 'pods', 'none')).err).toBe('Error from server (NotFound): pods "none" not found\n')
  })

  test('things are created, waited for and deleted', async () => {
    await ok('create', 'namespace', 'play')
    const play = ['-n', 'play']
    await ok('create', 'deployment', 'web', '--image=nginx', ...play)
    await ok('expose', 'deployment', 'web', '--port=80', ...play)
    await ok('create', 'configmap', 'c', '--from-literal=a=b', ...play)
    await ok('create', 'secret', 'generic', 's', '--from-literal=a=b', ...play)
    await ok('create', 'job', 'once', '--image=work', ...play)
    await ok('create', 'serviceaccount', 'robot', ...play)
    await ok('create', 'role', 'reader', '--verb=get,list', '--resource=pods', ...play)
    await ok('create', 'rolebinding', 'robot', '--role=reader', '--serviceaccount=play:robot', ...play)
    await ok('run', 'one', '--image=nginx', ...play)
    await ok('wait', '--for=condition=Ready', 'pod/one', '--timeout=20s', ...play)
    await ok('wait', '--for=condition=complete', 'job/once', '--timeout=20s', ...play)
    const robot = '--as=system:serviceaccount:play:robot'
    expect(await ok('auth', 'can-i', 'list', 'pods', robot, ...play)).toContain('yes')
    const no = await kubectl('auth', 'can-i', 'delete', 'pods', robot, ...play)
    expect([no.code, no.out.split('\n')[0]]).toEqual([1, 'no'])
    expect((await kubectl('get', 'secrets', robot, ...play)).err).toContain('is forbidden: User "system:serviceaccount:play:robot" cannot list resource "secrets"')
    if (minor >= 24) expect(await ok('create', 'token', 'robot', ...play)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\s*$/)
    if (minor >= 27) expect(await ok('auth', 'whoami')).toContain('kubernetes-admin')
    if (minor >= 26) expect(await ok('events', ...play)).toContain('Successfully assigned play/one')

    await ok('delete', 'pod', 'one', '--now', ...play)
    await ok('delete', 'namespace', 'play', '--timeout=30s')
    expect((await kubectl('get', 'namespace', 'play')).err).toContain('NotFound')
  })

  test('what the server has is discovered and explained', async () => {
    expect(await ok('api-resources')).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
    expect(await ok('api-versions')).toContain('rbac.authorization.k8s.io/v1')
    expect(await ok('explain', 'deployment.spec.strategy')).toContain('RollingUpdate')
    expect(await ok('cluster-info')).toContain('is running at')
    expect(await ok('get', '--raw', '/readyz')).toBe('ok')
    for (const what of ['nodes', 'pods']) {
      const { code, err } = await kubectl('top', what)
      expect([code, err]).toEqual([1, 'error: Metrics API not available\n'])
    }
    const { code, err } = await kubectl('logs', '-n', 'shop', 'db-0')
    expect(code).toBe(1)
    expect(err).toContain('is simulated')
  })

  test('a node is drained and taken back', async () => {
    await ok('cordon', 'sim-0')
    expect(await ok('get', 'node', 'sim-0')).toContain('Ready,SchedulingDisabled')
    await ok('drain', 'sim-0', '--ignore-daemonsets', '--force', minor >= 20 ? '--delete-emptydir-data' : '--delete-local-data', '--timeout=30s')
    const left = await ok('get', 'pods', '-A', '--field-selector=spec.nodeName=sim-0', '-o', 'jsonpath={.items[*].metadata.ownerReferences[0].kind}')
    expect([...new Set(left.split(' ').filter(Boolean))].filter((kind) => kind !== 'DaemonSet')).toEqual([])
    await ok('uncordon', 'sim-0')
    await ok('taint', 'node', 'sim-0', 'a=b:NoSchedule')
    await ok('taint', 'node', 'sim-0', 'a-')
    expect(await ok('delete', '-f', shop, '--ignore-not-found', '--timeout=60s')).toContain('"web" deleted')
  })
})

test('the kubeconfig that is printed is the one that up wrote', async () => {
  using directory = scratch()
  await using cluster = await up(directory.path, ['--sim', '0'])
  const { out } = await navarch(['kubeconfig', '--data-dir', cluster.dataDir])
  const printed = /certificate-authority-data: (\S+)/.exec(out)![1]
  expect(readFileSync(cluster.kubeconfig, 'utf8')).toContain(printed)
})
