import { isDeepStrictEqual } from 'node:util'
import type { TokenRequest } from '#api/authentication/v1/types'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import { notFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { sameData } from '#base/clone'
import { getOrLive } from '../authentication/objects'
import type { ObjectReader } from '../authentication/objects'
import { nodeOf } from '../authentication/users'
import type { Authorizer } from '../authorization/authorizer'
import { subjectIn } from './certificates'
import { forbiddenLabels } from './node-labels'
import { referenceIn } from './mirror-pod'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { refuse } from './refuse'
import { mayRequestAudience } from './token-audience'

const mirror = 'kubernetes.io/config.mirror'
const signers = new Set(['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'])

/** What a kubelet may write: itself, its lease, the pods it runs. The node authorizer's other half, which sees the objects. */
export function nodeRestriction({ objects, authorizer }: { objects: ObjectReader; authorizer: Authorizer }): AdmissionPlugin {
  const podNamed = async ({ namespace }: AdmissionRequest, name: string): Promise<Pod> => {
    const pod = await getOrLive(objects, pods, { namespace, name })
    if (!pod) throw notFound(pods, name)
    return pod
  }

  const createMirrorPod = async (node: string, request: AdmissionRequest): Promise<void> => {
    const { metadata, spec } = request.object as Pod
    if (metadata.annotations?.[mirror] === undefined) throw refuse(request, `pod does not have "${mirror}" annotation, node ${quoted(node)} can only create mirror pods`)
    if (spec.nodeName !== node) throw refuse(request, `node ${quoted(node)} can only create pods with spec.nodeName set to itself`)
    const owners = metadata.ownerReferences ?? []
    if (owners.length > 1) throw refuse(request, `node ${quoted(node)} can only create pods with a single owner reference set to itself`)
    const [owner] = owners
    if (!owner || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
      throw refuse(request, `node ${quoted(node)} can only create pods with an owner reference set to itself`)
    }
    if (!owner.controller) throw refuse(request, `node ${quoted(node)} can only create pods with a controller owner reference set to itself`)
    if (owner.blockOwnerDeletion) throw refuse(request, `node ${quoted(node)} must not set blockOwnerDeletion on an owner reference`)
    const itself = await getOrLive(objects, nodes, { name: node })
    if (!itself) throw notFound(nodes, node)
    if (owner.uid !== itself.metadata.uid) throw refuse(request, `node ${node} UID mismatch: expected ${owner.uid} got ${itself.metadata.uid}`)
    const reference = referenceIn(request.object as Pod)
    if (reference) throw refuse(request, `node ${quoted(node)} can not create pods that reference ${reference}`)
  }

  const pod = async (node: string, request: AdmissionRequest): Promise<void> => {
    const { operation, subresource, name } = request
    if (subresource === '' && operation === 'CREATE') return createMirrorPod(node, request)
    if (subresource === '' && operation === 'DELETE') {
      if ((await podNamed(request, name)).spec.nodeName !== node) throw refuse(request, `node ${quoted(node)} can only delete pods with spec.nodeName set to itself`)
      return
    }
    if (subresource === '') throw refuse(request, `unexpected operation "${operation}", node ${quoted(node)} can only create and delete mirror pods`)
    if (subresource === 'status') return podStatus(node, request)
    if (subresource !== 'eviction') throw refuse(request, `unexpected pod subresource ${quoted(subresource)}, only 'status' and 'eviction' are allowed`)
    if (operation !== 'CREATE') throw refuse(request, `unexpected operation ${operation}`)
    if ((await podNamed(request, name || request.object!.metadata.name)).spec.nodeName !== node) {
      throw refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`)
    }
  }

  const token = async (node: string, request: AdmissionRequest): Promise<void> => {
    if (request.operation !== 'CREATE' || request.subresource !== 'token') return
    const { spec } = request.object as unknown as TokenRequest
    const reference = spec.boundObjectRef
    if (!reference || reference.apiVersion !== 'v1' || reference.kind !== 'Pod' || !reference.name) throw refuse(request, 'node requested token not bound to a pod')
    if (!reference.uid) throw refuse(request, 'node requested token with a pod binding without a uid')
    const bound = await podNamed(request, reference.name)
    if (reference.uid !== bound.metadata.uid) {
      throw refuse(request, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
    }
    if (bound.spec.nodeName !== node) throw refuse(request, 'node requested token bound to a pod scheduled on a different node')
    const problem = await mayRequestAudience({ objects, authorizer }, request, spec.audiences ?? [], bound)
    if (problem) throw refuse(request, problem)
  }

  const decide = (node: string, request: AdmissionRequest): void | Promise<void> => {
    const { group, resource } = request.resource
    switch (group === '' ? resource : `${resource}.${group}`) {
      case 'pods': return pod(node, request)
      case 'nodes': return nodeItself(node, request)
      case 'persistentvolumeclaims': return claimStatus(node, request)
      case 'serviceaccounts': return token(node, request)
      case 'leases.coordination.k8s.io': return lease(node, request)
      case 'csinodes.storage.k8s.io': return named(node, request, 'can only access CSINode with the same name as the requesting node')
      case 'resourceslices.resource.k8s.io': return resourceSlice(node, request)
      case 'certificatesigningrequests.certificates.k8s.io': return signingRequest(node, request)
    }
  }

  return {
    name: 'NodeRestriction',
    handles: (operation) => operation !== 'CONNECT',
    admit(request) {
      const node = nodeOf(request.user)
      if (node === undefined) return
      if (node === '') throw refuse(request, `could not determine node from user ${quoted(request.user.name)}`)
      return decide(node, request)
    },
  }
}

const quoted = (text: string): string => JSON.stringify(text)

function podStatus(node: string, request: AdmissionRequest): void {
  if (request.operation !== 'UPDATE') throw refuse(request, `unexpected operation "${request.operation}"`)
  const [after, before] = [request.object as Pod, request.old as Pod]
  if (before.spec.nodeName !== node) throw refuse(request, `node ${quoted(node)} can only update pod status for pods with spec.nodeName set to itself`)
  if (!isDeepStrictEqual({ ...before.metadata.labels }, { ...after.metadata.labels })) throw refuse(request, `node ${quoted(node)} cannot update labels through pod status`)
  if (!sameData(before.status?.resourceClaimStatuses ?? [], after.status?.resourceClaimStatuses ?? [])) throw refuse(request, `node ${quoted(node)} cannot update resource claim statues`)
  if (!sameData(before.status?.extendedResourceClaimStatus, after.status?.extendedResourceClaimStatus)) throw refuse(request, `node ${quoted(node)} cannot update extended resource claim status`)
}

function nodeItself(node: string, request: AdmissionRequest): void {
  const { operation, name } = request
  if ((name || request.object?.metadata.name) !== node) throw refuse(request, `node ${quoted(node)} is not allowed to modify node ${quoted(name)}`)
  const after = request.object as Node | undefined
  if (operation === 'CREATE') {
    if (after!.spec?.configSource) throw refuse(request, `node ${quoted(node)} is not allowed to create pods with a non-nil configSource`)
    const labels = forbiddenLabels(after!.metadata.labels, undefined)
    if (labels.length > 0) throw refuse(request, `node ${quoted(node)} is not allowed to set the following labels: ${labels.join(', ')}`)
  }
  if (operation !== 'UPDATE') return
  const before = request.old as Node
  if (after!.spec?.configSource && !sameData(after!.spec.configSource, before.spec?.configSource)) {
    throw refuse(request, `node ${quoted(node)} is not allowed to update configSource to a new non-nil configSource`)
  }
  if (!sameData(after!.spec?.taints ?? [], before.spec?.taints ?? [])) throw refuse(request, `node ${quoted(node)} is not allowed to modify taints`)
  if (!sameData(after!.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) throw refuse(request, `node ${quoted(node)} is not allowed to modify ownerReferences`)
  const labels = forbiddenLabels(after!.metadata.labels, before.metadata.labels)
  if (labels.length > 0) throw refuse(request, `is not allowed to modify labels: ${labels.join(', ')}`)
}

function claimStatus(node: string, request: AdmissionRequest): void {
  if (request.subresource !== 'status') throw refuse(request, 'may only update PVC status')
  if (request.operation !== 'UPDATE') throw refuse(request, `unexpected operation "${request.operation}"`)
  const fixed = ({ metadata, spec, status }: PersistentVolumeClaim): unknown => {
    const { resourceVersion: _version, managedFields: _managed, ...kept } = metadata
    const { capacity: _capacity, conditions: _conditions, allocatedResources: _allocated, allocatedResourceStatuses: _statuses, ...rest } = status ?? {}
    return { metadata: kept, spec, status: rest }
  }
  if (!sameData(fixed(request.old as PersistentVolumeClaim), fixed(request.object as PersistentVolumeClaim))) {
    throw refuse(request, `node ${quoted(node)} is not allowed to update fields other than status.quantity and status.conditions`)
  }
}

function lease(node: string, request: AdmissionRequest): void {
  if (request.namespace !== 'kube-node-lease') throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace')
  named(node, request, 'can only access node lease with the same name as the requesting node')
}

function named(node: string, request: AdmissionRequest, why: string): void {
  const name = request.operation === 'CREATE' ? request.object!.metadata.name : request.name
  if (name !== node) throw refuse(request, why)
}

function resourceSlice(node: string, request: AdmissionRequest): void {
  const nodeNameOf = (slice: KubeObject | undefined): string | undefined => (slice as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName
  if (request.operation === 'CREATE' && nodeNameOf(request.object) !== node) throw refuse(request, 'can only create ResourceSlice with the same NodeName as the requesting node')
  if (request.operation === 'DELETE' && nodeNameOf(request.old) !== node) throw refuse(request, 'can only delete ResourceSlice with the same NodeName as the requesting node')
}

function signingRequest(node: string, request: AdmissionRequest): void {
  if (request.operation !== 'CREATE') return
  const { signerName, request: encoded } = (request.object as CertificateSigningRequest).spec
  if (!signers.has(signerName)) return
  const { commonName } = subjectIn(request, encoded, 'unable to parse csr')
  if (commonName !== `system:node:${node}`) throw refuse(request, `can only create a node CSR with CN=system:node:${node}`)
}
