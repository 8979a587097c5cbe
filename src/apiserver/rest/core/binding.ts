import type { Binding, Pod } from '#api/core/v1/types'
import { ApiError, badRequest, conflict } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { Result } from '../../exchange'
import type { Kind } from '../../kinds'
import { rewrite } from '../../registry/rewrite'
import type { Registry } from '../../registry/registry'
import type { WriteRequest } from '../../registry/write'

/** POST of a Binding: gives a pod its node, once and for all. */
export async function bind(registry: Registry, pods: Kind, request: WriteRequest, binding: Binding): Promise<Result> {
  validate(binding)
  const name = binding.metadata?.name || request.name
  if (request.name !== '' && name !== request.name) throw badRequest('name in URL does not match name in Binding object')
  const node = binding.target.name!
  await rewrite<Pod>(registry, { ...request, kind: pods }, (pod, old) => {
    checkPreconditions(binding, old, name)
    if (old.metadata.deletionTimestamp) throw refused(name, `pod ${name} is being deleted, cannot be assigned to a host`)
    if (old.spec.nodeName) throw refused(name, `pod ${name} is already assigned to node ${JSON.stringify(old.spec.nodeName)}`)
    if (old.spec.schedulingGates?.length) throw refused(name, `pod ${name} has non-empty .spec.schedulingGates`)
    pod.spec.nodeName = node
    // It waits for no node any more.
    delete pod.status.nominatedNodeName
    if (binding.metadata?.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations }
    if (binding.metadata?.labels) pod.metadata.labels = { ...pod.metadata.labels, ...binding.metadata.labels }
    const conditions = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
    const before = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
    const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : request.now
    pod.status.conditions = [...conditions, { type: 'PodScheduled', status: 'True', lastProbeTime: null as never, lastTransitionTime: lastTransitionTime! }]
  }, { namespace: request.namespace, name })
  return { sort: 'object', code: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
}

const refused = (name: string, why: string): ApiError => conflict({ resource: 'pods/binding' }, name, why)

function checkPreconditions({ metadata }: Binding, pod: Pod, name: string): void {
  const { uid, resourceVersion } = metadata ?? {}
  if (uid && uid !== pod.metadata.uid) throw refused(name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`)
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion) {
    throw refused(name, `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`)
  }
}

function validate(binding: Binding): void {
  const errors = new FieldErrors()
  const target = binding.target ?? {}
  if (target.kind && target.kind !== 'Node') errors.at('target', 'kind').notSupported(target.kind, ['Node', '<empty>'])
  if (!target.name) errors.at('target', 'name').required()
  // The original forgets to make an answer of its own of these.
  if (errors.any) throw new ApiError(500, '', errors.all.map(({ field, message }) => `${field}: ${message}`).join(', '))
}
