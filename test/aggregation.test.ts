import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apiservices, configmaps, namespaces, services } from '#api/index'
import { startExtensionServer } from '#apiserver/testing/extension-server'
import { startCluster } from '#testing/index'
import { onPath, run, scratch } from './navarch'

const kubectl = onPath('kubectl')
if (!kubectl) console.warn('the journey through an extension API server is skipped: there is no kubectl on the PATH (apt install kubernetes-client)')

const key = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

test.skipIf(!kubectl)('kubectl works with what an extension API server serves', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  using directory = scratch()
  const { client, until } = cluster
  const { data } = await until(configmaps, key, ({ data }) => data?.['requestheader-client-ca-file'] !== undefined)
  await using extension = await startExtensionServer('wardle.default.svc', data!['requestheader-client-ca-file']!)
  await client.create(services, { metadata: { namespace: 'default', name: 'wardle' }, spec: { type: 'ExternalName', externalName: '127.0.0.1' } })
  await client.create(apiservices, {
    metadata: { name: 'v1alpha1.wardle.example.com' },
    spec: { group: 'wardle.example.com', version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200, caBundle: extension.caBundle, service: { namespace: 'default', name: 'wardle', port: extension.port } },
  })
  await until(apiservices, 'v1alpha1.wardle.example.com', ({ status }) => status?.conditions?.[0]?.status === 'True')

  const ok = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await run(kubectl!, ['--cache-dir', join(directory.path, 'cache'), ...args], { env: { KUBECONFIG: cluster.kubeconfigFile } })
    expect(code, `kubectl ${args.join(' ')}\n${out}${err}`).toBe(0)
    return out + err
  }
  expect(await ok('get', 'apiservices')).toMatch(/v1alpha1\.wardle\.example\.com +default\/wardle +True/)
  expect(await ok('api-resources')).toMatch(/flunders +fl +wardle\.example\.com\S* +true +Flunder/)
  const manifest = join(directory.path, 'flunder.yaml')
  writeFileSync(manifest, 'apiVersion: wardle.example.com/v1alpha1\nkind: Flunder\nmetadata: {name: first}\nspec: {reference: second}\n')
  expect(await ok('create', '-f', manifest)).toContain('flunder.wardle.example.com/first created')
  expect(await ok('get', 'fl', '-o', 'name')).toContain('flunder.wardle.example.com/first')
  expect(await ok('get', 'fl', 'first', '-o', 'jsonpath={.spec.reference}')).toContain('second')
  expect(await ok('get', '--raw', '/apis/wardle.example.com/v1alpha1/namespaces/default/flunders')).toContain('"kind":"FlunderList"')
  expect(await ok('explain', 'flunder.spec.reference', '--api-version=wardle.example.com/v1alpha1')).toContain('Another flunder.')
  expect(await ok('delete', 'flunder', 'first')).toContain('deleted')
  expect(extension.seen.find(({ method }) => method === 'POST')).toMatchObject({ client: 'front-proxy-client', headers: { 'x-remote-group': expect.stringContaining('system:masters') } })

  // A namespace goes with what is in it, whoever serves that.
  await client.create(namespaces, { metadata: { name: 'gone' } })
  await ok('create', '-n', 'gone', '-f', manifest)
  await ok('delete', 'namespace', 'gone', '--timeout=30s')
  expect(await ok('get', 'fl', '-A', '-o', 'name')).not.toContain('flunder.wardle')
})
