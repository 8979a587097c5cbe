import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './client'
import { newPod, podsPath } from './objects'

/** The `i`th request of a round of requests that are all of one sort. */
export type Request = (connection: Connection, round: number, i: number) => Promise<unknown>

/** The same work without and with a feature. */
export interface Feature {
  /** How `--only` names it. */
  key: string
  name: string
  /** Flags that the server which has the feature gets besides; a directory of its own is given for files. */
  flags?(directory: string): Promise<readonly string[]>
  /** What is made on the server that has the feature before anything is measured. */
  prepare?(connection: Connection): Promise<void>
  without: Request
  with: Request
  /** At most so many times the CPU of the work without it, or so many microseconds more. */
  goal?: { ratio: number } | { more: number }
  /** Requests of a round; a thousand unless said otherwise. */
  count?: number
}

const post = (connection: Connection, path: string, object: object): Promise<string> => connection.call('POST', path, JSON.stringify(object))
const createPod = (prefix: string): Request => (connection, round, i) => post(connection, podsPath, newPod(`${prefix}-${round}-${i}`, i))

const audit: Feature = {
  key: 'audit',
  name: 'create, audited (Metadata, to a file)',
  flags: async (directory) => {
    const policy = join(directory, 'policy.yaml')
    await writeFile(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n')
    return ['--audit-policy-file', policy, '--audit-log-path', join(directory, 'audit.log')]
  },
  without: createPod('a'),
  with: createPod('a'),
}

const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
const policy: Feature = {
  key: 'policy',
  name: 'create, under a validating policy in CEL',
  prepare: async (connection) => {
    const rules = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }] }
    const validations = [{ expression: 'object.spec.containers.all(c, has(c.resources) && has(c.resources.limits))', message: 'containers have limits' }]
    await post(connection, policies, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'limits' }, spec: { matchConstraints: rules, validations } })
    await post(connection, `${policies.replace(/ies$/, 'y')}bindings`, {
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'limits' }, spec: { policyName: 'limits', validationActions: ['Deny'] },
    })
    await untilItHolds(connection)
  },
  without: createPod('p'),
  with: createPod('p'),
  goal: { more: 30 },
}

/** Policies are taken up shortly after they are made. */
async function untilItHolds(connection: Connection): Promise<void> {
  const pod = newPod('without-limits', 0) as { spec: { containers: { resources?: unknown }[] } }
  for (const container of pod.spec.containers) delete container.resources
  for (;;) {
    const held = await connection.call('POST', `${podsPath}?dryRun=All`, JSON.stringify(pod)).then(() => false, () => true)
    if (held) return
  }
}

const applyConfigMap = (path: string, apiVersion: string, kind: string): Request => (connection, round, i) =>
  connection.call('PATCH', `${path}/r${round}-${i}?fieldManager=bench&force=true`, JSON.stringify({ apiVersion, kind, metadata: { name: `r${round}-${i}` }, data: { 'key-0': `changed ${i}` } }), {
    contentType: 'application/apply-patch+yaml',
  })
const mergePatch = (path: string): Request => (connection, round, i) =>
  connection.call('PATCH', `${path}/r${round}-${i}`, JSON.stringify({ data: { 'key-0': `patched ${i}` } }), { contentType: 'application/merge-patch+json' })

const mapsPath = '/api/v1/namespaces/load/configmaps'
const thingsPath = '/apis/bench.example.com/v1/namespaces/load/things'
const data = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`key-${i}`, `value ${i} `.repeat(4)]))
const create = (path: string, apiVersion: string, kind: string): Request => (connection, round, i) =>
  post(connection, path, { apiVersion, kind, metadata: { name: `r${round}-${i}`, labels: { app: 'bench', tier: String(i % 10) } }, data })

const map = [mapsPath, 'v1', 'ConfigMap'] as const
const thing = [thingsPath, 'bench.example.com/v1', 'Thing'] as const

/** One verb on a custom resource beside the same on a ConfigMap of the same size. They go in this order: each finds what the ones before left. */
const onCustomResource = (verb: string, request: (path: string, apiVersion: string, kind: string) => Request, count?: number): Feature => ({
  key: 'custom', name: `${verb} a custom resource, beside a ConfigMap`, without: request(...map), with: request(...thing), goal: { ratio: 1.3 }, ...(count !== undefined && { count }),
})

/** In order. Those that have neither flags nor something to prepare are done on one server, that of the definition below. */
export const features: readonly Feature[] = [
  audit,
  policy,
  onCustomResource('create', create),
  onCustomResource('get', (path) => (connection, round, i) => connection.call('GET', `${path}/r${round}-${i}`)),
  onCustomResource('list 500 of', (path) => (connection) => connection.call('GET', `${path}?limit=500`), 40),
  onCustomResource('patch', mergePatch),
  onCustomResource('apply', applyConfigMap),
  { key: 'apply', name: 'server-side apply, beside a merge patch', without: mergePatch(mapsPath), with: applyConfigMap(...map) },
  onCustomResource('delete', (path) => (connection, round, i) => connection.call('DELETE', `${path}/r${round}-${i}`)),
]

/** The definition that the features about custom resources need. */
export async function prepareCustomResource(connection: Connection): Promise<void> {
  const text = { type: 'string' }
  const schema = { type: 'object', properties: { data: { type: 'object', additionalProperties: text }, spec: { type: 'object', properties: { replicas: { type: 'integer', minimum: 0, default: 1 } } } } }
  await post(connection, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.bench.example.com' },
    spec: { group: 'bench.example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] },
  })
  while (await connection.call('GET', thingsPath).then(() => false, () => true));
}
