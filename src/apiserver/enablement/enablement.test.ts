import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { builtin } from '#api/builtin'
import { featureGates, knownGates } from '#component-base/feature-gates'
import { wholeOptions } from '#component-base/options/whole'
import { startTestServer } from '../testing/test-server'
import { honouredGates, turnedInVain } from './honoured-gates'
import { enablementOptions } from './options'
import { servedBy, unbuiltAndAsked, type RuntimeConfig } from './runtime-config'

const given = (options: object) => () => wholeOptions('navarch', enablementOptions, options)

test.each([
  [{ 'api/all': 'false' }, 'invalid runtime-config with only api/all=false'],
  [{ 'api/all': 'maybe' }, 'invalid value api/all=maybe'],
  [{ 'example.com/v1': 'true' }, 'unknown api groups example.com/v1'],
  [{ v1: 'true' }, 'runtime-config invalid key v1'],
  [{ 'apps/v9': 'true' }, 'group version apps/v9 that has not been registered'],
  [{ 'apps/v1': 'maybe' }, 'invalid value of apps/v1: maybe'],
  [{ 'apps/v1/Deployments': 'false' }, 'resource is always lowercase plural, not "Deployments"'],
  [{ 'certificates.k8s.io/v1beta1/podcertificaterequests': 'true' }, 'certificates.k8s.io/v1beta1/podcertificaterequests is not built in this version of navarch'],
])('refuses %o', (runtimeConfig, text) => expect(given({ runtimeConfig })).toThrow(text))

test('takes what can be', () => {
  expect(given({ runtimeConfig: { 'api/all': 'true', 'apps/v1': '', '/v1/events': 'false', 'scheduling.k8s.io/v1alpha2': 'false', 'authentication.k8s.io/v1beta1': 'true' } })).not.toThrow()
  expect(given({ runtimeConfig: 'batch/v1,apps/v1=false' })().runtimeConfig).toEqual({ 'batch/v1': '', 'apps/v1': 'false' })
  const asked = (config: RuntimeConfig, on = true): readonly string[] => unbuiltAndAsked(config, () => on)
  expect(asked({ 'api/beta': 'true', 'storage.k8s.io/v1beta1': 'false' })).toEqual(['certificates.k8s.io/v1beta1/podcertificaterequests'])
  expect([asked({ 'api/beta': 'true' }, false), asked({ 'api/all': 'true', 'certificates.k8s.io/v1beta1': 'false' }), asked({})]).toEqual([[], [], []])
})

test('a resource wins over its version, a version over its class', () => {
  const served = servedBy({ 'api/ga': 'false', 'apps/v1': 'true', 'apps/v1/deployments': 'false', '/v1': 'true' })
  expect([served('', 'v1', 'pods'), served('apps', 'v1', 'replicasets'), served('apps', 'v1', 'deployments'), served('batch', 'v1', 'jobs')]).toEqual([true, true, false, false])
})

test('versions of other servers are refused', () => {
  expect(given({ emulatedVersion: ['kube=1.36'] })).not.toThrow()
  expect(given({ emulatedVersion: ['1.35'] })).toThrow('1.35 cannot be given: this server is Kubernetes 1.36 and emulates no other version')
  expect(given({ emulationForwardCompatible: true })).toThrow('emulates no other version')
})

test('gates: unknown and locked ones are refused, those that change nothing are named', () => {
  expect(given({ featureGates: { NoSuch: 'true' } })).toThrow('unrecognized feature gate: NoSuch')
  expect(given({ featureGates: { SidecarContainers: 'false' } })).toThrow('cannot set feature gate SidecarContainers to false, feature is locked to true')
  expect(turnedInVain(featureGates('navarch', { GangScheduling: 'true', HPAScaleToZero: 'true' }))).toEqual(['GangScheduling'])
})

test('every gate that the sources ask for is known, and said to be honoured', () => {
  const asked = new Set<string>()
  const read = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) read(path)
      else if (path.endsWith('.ts') && !path.endsWith('.test.ts')) for (const [, name] of readFileSync(path, 'utf8').matchAll(/(?:enabled\(|gate: )'(\w+)'/g)) asked.add(name!)
    }
  }
  for (const folder of ['api', 'apiserver']) read(join(import.meta.dirname, '../..', folder))
  expect([...asked].filter((name) => !knownGates.has(name))).toEqual([])
  expect([...asked].sort()).toEqual([...honouredGates].sort())
})

test('what is switched off is neither served nor discovered, and the server itself still has it', async () => {
  await using server = await startTestServer({ served: servedBy({ 'autoscaling/v2': 'false', 'apps/v1/deployments': 'false' }) })
  const outside = async (path: string) => (await server.transport.request({ method: 'GET', path })).body as { versions?: { version: string }[]; resources?: { name: string }[] }
  expect((await outside('/apis/autoscaling')).versions!.map(({ version }) => version)).toEqual(['v1'])
  expect((await outside('/apis/apps/v1')).resources!.map(({ name }) => name)).not.toContain('deployments')
  expect(server.server.registry.kinds.find('apps', 'v1', 'deployments')).toBeDefined()
  expect([...server.server.registry.kinds].length).toBeLessThan(builtin.flatMap(({ versions }) => Object.keys(versions)).length)
})

test.each([
  [{}, {}, false],
  [{ 'storagemigration.k8s.io/v1beta1': 'true' }, {}, false],
  [{}, { StorageVersionMigrator: 'true' }, false],
  [{ 'storagemigration.k8s.io/v1beta1': 'true' }, { StorageVersionMigrator: 'true' }, true],
])('a version behind a gate is served, and described, where %o and %o say so: %s', async (runtimeConfig, gates, isServed) => {
  await using server = await startTestServer({ served: servedBy(runtimeConfig), gates: featureGates('kube-apiserver', gates) })
  const get = async (path: string): Promise<string> => JSON.stringify((await server.transport.request({ method: 'GET', path })).body)
  const [groups, index, whole, services] = await Promise.all(['/apis', '/openapi/v3', '/openapi/v2', '/apis/apiregistration.k8s.io/v1/apiservices'].map(get))
  expect(groups!.includes('storagemigration.k8s.io/v1beta1')).toBe(isServed)
  expect(index!.includes('apis/storagemigration.k8s.io/v1beta1')).toBe(isServed)
  expect(whole!.includes('io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationSpec')).toBe(isServed)
  expect(services!.includes('v1beta1.storagemigration.k8s.io')).toBe(isServed)
  expect(whole).toContain('io.k8s.api.apps.v1.DeploymentSpec')
  // Nobody knows a group of which nothing is served.
  expect(server.server.registry.kinds.hasBuiltIn('storagemigration.k8s.io')).toBe(isServed)
})
