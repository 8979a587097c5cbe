import { isNotFound } from '#apimachinery/api-error'
import type { Input, KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { pods } from '#api/core/v1/pod'
import type { Pod, PodTemplateSpec } from '#api/core/v1/types'
import { clone } from '#base/clone'
import { messageOf } from '#base/error-message'
import { controllerReference } from '#controller-runtime/owners'
import type { Cached, Tell } from '#controller-runtime/controller'
import { isNamespaceTerminating } from '#controller-runtime/namespace-terminating'
import type { Expectations } from '#controller-runtime/expectations'
import type { Client } from '#client/client'

export interface PodControl {
  /** Creates a pod of a template, and tells it as an event of the owner. `change` gives it what only this pod has. */
  create(template: PodTemplateSpec, change?: (pod: Input<Pod> & { metadata: Record<string, unknown>; spec: Input<Pod['spec']> }) => void): Promise<Pod | undefined>
  /** A pod that is gone already is what was wanted. */
  delete(pod: Pod): Promise<void>
}

export interface PodControlDeps { client: Client; tell: Tell; expectations: Expectations; cached: Cached }

/** Creates and deletes pods of one owner, the way all workload controllers do: with expectations and events. */
export function podControlOf<O extends KubeObject>(resource: ResourceRef<O>, owner: O, { client, tell, expectations, cached }: PodControlDeps): PodControl {
  const { namespace, name } = owner.metadata
  const key = `${namespace}/${name}`
  return {
    async create(template, change) {
      const pod = podOf(template, resource, owner)
      change?.(pod)
      if (Object.keys(pod.metadata['labels'] ?? {}).length === 0) throw new Error('unable to create pods, no labels')
      try {
        const made = await client.create(pods, pod)
        expectations.created(key, cached(pods), made)
        tell(resource, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
        return made
      } catch (error) {
        if (isNamespaceTerminating(error)) return undefined
        tell(resource, owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
        throw error
      }
    },
    async delete(pod) {
      try {
        await client.delete(pods, pod.metadata, { preconditions: { uid: pod.metadata.uid } })
        expectations.deleted(key, cached(pods), pod)
        tell(resource, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      } catch (error) {
        if (isNotFound(error)) return
        tell(resource, owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`)
        throw error
      }
    },
  }
}

/** The pod that a template describes, with a generated name behind its owner's. A copy, free to be changed. */
function podOf(template: PodTemplateSpec, resource: ResourceRef, owner: KubeObject): Input<Pod> & { metadata: Record<string, unknown>; spec: Input<Pod['spec']> } {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const { namespace, name } = owner.metadata
  return {
    metadata: {
      namespace, generateName: generatedPrefix(name), labels: { ...labels }, annotations: { ...annotations },
      ...(finalizers ? { finalizers: [...finalizers] } : {}), ownerReferences: [controllerReference(resource, owner)],
    },
    spec: clone(template.spec) as Input<Pod['spec']>,
  }
}

/** Owners may be named in ways that pods may not: then the dash is left out. */
const generatedPrefix = (name: string): string => (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) ? `${name}-` : name)
