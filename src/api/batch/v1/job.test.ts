import { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectSubresource } from '#apimachinery/resource'
import { expect, test } from 'vitest'
import { type Body, context, created, decoded, refusals, updateRefusals } from '../../testing/written'
import { jobs } from './job'
import type { Job } from './types'

const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] }
const body = (spec: Body = {}, template: Body = {}): Body => ({ spec: { template: { ...template, spec: { ...pod, ...(template['spec'] as object | undefined) } }, ...spec } })
const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 4 }

test.each<[string, Body, string[]]>([
  ['nothing but a template', body(), []],
  ['no manager', body({ managedBy: '' }), ['spec.managedBy: Required value']],
  ['a selector of its own', body({ selector: { matchLabels: { a: 'b' } } }, { metadata: { labels: { a: 'b' } } }),
    ['spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"u"}}: `selector` not auto-generated']],
  ['labels of another job', body({}, { metadata: { labels: { 'job-name': 'b' } } }),
    ['spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"a","controller-uid":"u","job-name":"b"}: must be \'a\'']],
  ['a selector by hand that is not there', body({ manualSelector: true }),
    ['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`']],
  ['a selector that nobody can read, of which nobody asks whether it matches', body({ manualSelector: true, selector: { matchExpressions: [{ key: 'a', operator: 'x' }] } }),
    ['spec.selector.matchExpressions[0].operator: Invalid value: "x": not a valid selector operator']],
  ['a success policy but no indexes', body({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    ['spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode']],
  ['indexes that do not fit', body({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '2-1' }] } }),
    ['spec.successPolicy.rules[0].succeededIndexes: Invalid value: "2-1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1']],
])('a job with %s', async (_name, job, expected) => {
  expect(await refusals(jobs, job)).toEqual(expected)
})

test('a job without labels has its pods\' labels', async () => {
  const made = await created(jobs, body())
  expect(made.metadata.labels).toBeUndefined()
  jobs.canonicalize!(made)
  expect(made.metadata.labels).toEqual(generated)
  expect((await created(jobs, body({}, { metadata: { labels: { a: 'b' } } }))).metadata.labels).toEqual({ a: 'b', ...generated })
})

test('what is wrong with a spec is told twice where it changes', async () => {
  expect(await updateRefusals(jobs, body(), body({ backoffLimit: -1 }, { metadata: { labels: generated } }))).toEqual([
    'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0', 'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"a","controller-uid":"u","job-name":"a"}: `selector` does not match template `labels`',
    'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0', 'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"a","controller-uid":"u","job-name":"a"}: `selector` does not match template `labels`',
    'spec.selector: Invalid value: null: field is immutable',
  ])
})

const generated = { 'controller-uid': 'u', 'job-name': 'a', 'batch.kubernetes.io/controller-uid': 'u', 'batch.kubernetes.io/job-name': 'a' }
/** Fields and details of what is refused when a job's template changes. */
async function changed(spec: Body, template: Body, status: Job['status'] = {}): Promise<string[]> {
  const old = await created(jobs, body(spec))
  old.status = status
  const now = await decoded(jobs, body({ ...spec, selector: old.spec.selector }, { metadata: { labels: generated }, ...template }))
  jobs.prepareForUpdate!(now, old, context)
  const errors = new FieldErrors()
  jobs.validateUpdate!(now, old, errors, context)
  return errors.all.map(({ field, message }) => `${field}: ${message.replace(/\{.*\}/, '{}')}`)
}
const started = { startTime: '2026-01-01T00:00:00Z' }
const elsewhere = { spec: { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }], schedulingGates: [{ name: 'a' }] }, metadata: { labels: { ...generated, more: 'x' } } }
const onNodes = { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'Exists' }] }] } } } } }
const larger = { spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '2' } } }] } }
const apart = { spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k' }] } } } }

test.each<[string, Body, Body, Job['status'], string[]]>([
  ['a running job keeps its template', {}, elsewhere, {}, ['spec.template: Invalid value: {}: field is immutable']],
  ['a suspended one may go elsewhere', { suspend: true }, elsewhere, {}, []],
  ['to other nodes', { suspend: true }, onNodes, {}, []],
  ['with more resources', { suspend: true }, larger, {}, []],
  ['but with no other image', { suspend: true }, { spec: { containers: [{ name: 'c', image: 'j' }] } }, {}, ['spec.template.spec: Invalid value: {}: field is immutable']],
  ['nor away from other pods', { suspend: true }, apart, {}, ['spec.template.spec: Invalid value: {}: field is immutable']],
  ['once it has started, not before it stands still', { suspend: true }, larger, started, ['spec.template: Invalid value: {}: field is immutable']],
  ['then it may again', { suspend: true }, elsewhere, { ...started, conditions: [{ type: 'Suspended', status: 'True' }] }, []],
  ['when no pod is left', { suspend: true }, elsewhere, { ...started, active: 1, conditions: [{ type: 'Suspended', status: 'True' }] }, ['spec.template: Invalid value: {}: field is immutable']],
])('%s', async (_name, spec, template, status, expected) => {
  expect(await changed(spec, template, status)).toEqual(expected)
})

async function statusRefusals(spec: Body, old: Job['status'], status: Job['status']): Promise<string[]> {
  const job = await created(jobs, body(spec))
  const errors = new FieldErrors()
  const { validateUpdate } = jobs.subresources['status'] as ObjectSubresource<Job>
  validateUpdate!({ ...job, status }, { ...job, status: old }, errors, context)
  return errors.all.map(({ field, message }) => `${field}: ${message}`)
}
const conditions = (...types: string[]): Job['status']['conditions'] => types.map((type) => ({ type, status: 'True' }))
const complete: Job['status'] = { ...started, completionTime: '2026-01-01T00:01:00Z', conditions: conditions('SuccessCriteriaMet', 'Complete'), succeeded: 2 }

test.each<[string, Body, Job['status'], Job['status'], string[]]>([
  ['a sound end', {}, started, complete, []],
  ['what was let through once stays possible', {}, { conditions: conditions('Complete') }, { conditions: conditions('Complete'), failed: 1 }, []],
  ['an end is final', {}, complete, { ...complete, conditions: conditions('SuccessCriteriaMet'), completionTime: '2026-01-01T00:02:00Z' }, [
    'status.completionTime: Invalid value: "2026-01-01T00:02:00Z": cannot set completionTime when there is no Complete=True condition',
    'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    'status.completionTime: Invalid value: "2026-01-01T00:02:00Z": field is immutable',
  ]],
  ['a start does not move', {}, started, { startTime: '2026-01-01T00:00:05Z' }, ['status.startTime: Invalid value: "2026-01-01T00:00:05Z": field is immutable for unsuspended job once set']],
  ['pods are counted once', {}, {}, { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } }, [
    'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ]],
  ['indexes are read', { ...indexed, backoffLimitPerIndex: 1 }, {}, { completedIndexes: '0-2', failedIndexes: '2,9' }, [
    'status.failedIndexes: Invalid value: "2,9": error parsing failedIndexes: too large index: "9"',
    'status.failedIndexes: Invalid value: "2,9": failedIndexes and completedIndexes overlap at index: 2',
  ]],
  ['counters of what may shrink may too', indexed, { succeeded: 2, failed: 2 }, { failed: 1 }, ['status.failed: Invalid value: 1: cannot decrease the failed counter']],
  ['no more are ready than run', {}, {}, { active: 1, ready: 2 }, ['status.ready: Invalid value: 2: cannot set more ready pods than active']],
])('status: %s', async (_name, spec, old, status, expected) => {
  expect(await statusRefusals(spec, old, status)).toEqual(expected)
})
