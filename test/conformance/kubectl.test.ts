import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pods } from '#api/index'
import { onPath, type Ran, run, scratch } from '../navarch'
import { serve } from './cluster'

const program = onPath('kubectl')
if (!program) console.warn('twins of the tests of kubectl are skipped: there is no kubectl on the PATH (apt install kubernetes-client)')
const twin = test.skipIf(!program)

const served = serve()
const env = () => ({ KUBECONFIG: served.cluster.kubeconfigFile })
const kubectl = (args: readonly string[], input?: string): Promise<Ran> => run(program!, args, { env: env(), ...(input === undefined ? {} : { input }) })
/** Runs it, expects it to do well, and hands back what it printed. */
async function ok(args: readonly string[], input?: string): Promise<string> {
  const { code, out, err } = await kubectl(args, input)
  expect(code, `kubectl ${args.join(' ')}\n${out}${err}`).toBe(0)
  return out
}

twin('[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions', async () => {
  expect((await ok(['api-versions'])).split('\n')).toContain('v1')
})

twin('[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info', async () => {
  // Older ones say it with colours, whatever they write to.
  expect((await ok(['cluster-info'])).replaceAll(/\x1b\[[\d;]*m/g, '')).toMatch(/^Kubernetes (control plane|master) is running at https:/)
})

twin('[sig-cli] Kubectl client Kubectl version should check is all data is printed', async () => {
  const text = await ok(['version'])
  for (const side of ['Client', 'Server']) expect(text).toMatch(new RegExp(`${side} Version: (v\\d|version.Info\\{Major:"\\d", Minor:"\\d+\\+?", GitVersion:"v\\d\\.\\d+\\.[\\w.+-]+", GitCommit:"[0-9a-f]*")`))
})

twin('[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments', async ({ skip }) => {
  if (!onPath('diff')) skip('kubectl diff needs diff')
  const namespace = await served.namespace()
  const web = (image: string) => JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } } } })
  await ok(['-n', namespace, 'create', '-f', '-'], web('nginx:1.26'))
  const { code, out } = await kubectl(['-n', namespace, 'diff', '-f', '-'], web('nginx:1.27'))
  expect(code).toBe(1)
  expect(out).toMatch(/^- +(- )?image: nginx:1\.26$/m)
  expect(out).toMatch(/^\+ +(- )?image: nginx:1\.27$/m)
})

twin('[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never', async () => {
  const namespace = await served.namespace()
  await ok(['-n', namespace, 'run', 'web', '--restart=Never', '--image=nginx:1.27'])
  expect((await served.client.get(pods, { namespace, name: 'web' })).spec).toMatchObject({ restartPolicy: 'Never', containers: [{ image: 'nginx:1.27' }] })
})

twin('[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods', async () => {
  const namespace = await served.namespace()
  await ok(['-n', namespace, 'run', 'web', '--image=nginx:1.26', '--labels=run=web'])
  expect(await ok(['-n', namespace, 'patch', 'pod', 'web', '-p', '{"spec":{"containers":[{"name":"web","image":"nginx:1.27"}]}}', '--dry-run=server'])).toContain('pod/web patched')
  expect((await served.client.get(pods, { namespace, name: 'web' })).spec.containers[0]!.image).toBe('nginx:1.26')
})

/** Where `kubectl proxy` says that it serves. */
async function proxied(args: readonly string[], look: (at: string) => Promise<void>): Promise<void> {
  const child = spawn(program!, ['proxy', ...args], { env: { ...process.env, ...env() }, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let text = ''
    for await (const piece of child.stdout) {
      text += String(piece)
      const at = /Starting to serve on (\S+)\n/.exec(text)?.[1]
      if (!at) continue
      await look(at)
      break
    }
  } finally {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

twin('[sig-cli] Kubectl client Proxy server should support proxy with --port 0', () =>
  proxied(['-p', '0', '--disable-filter=true'], async (at) => {
    expect(at).not.toMatch(/:0$/)
    expect(await (await fetch(`http://${at}/api/`)).json()).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  }))

twin('[sig-cli] Kubectl client Proxy server should support --unix-socket=/path', async () => {
  using directory = scratch()
  const socketPath = join(directory.path, 'socket')
  await proxied([`--unix-socket=${socketPath}`], async (at) => {
    expect(at).toBe(socketPath)
    const text = await new Promise<string>((done, fail) => {
      get({ socketPath, path: '/api/' }, (answer) => {
        let body = ''
        answer.on('data', (piece: Buffer) => (body += piece.toString())).on('end', () => done(body))
      }).on('error', fail)
    })
    expect(JSON.parse(text)).toMatchObject({ kind: 'APIVersions' })
  })
})
