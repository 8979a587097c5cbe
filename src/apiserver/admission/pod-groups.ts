import { jobs } from '#api/batch/v1/job'
import type { Job } from '#api/batch/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { controllerOf } from '#component-helpers/owner-references'
import { getOrLive, type ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

interface PodGroup extends KubeObject {
  readonly spec: {
    readonly schedulingPolicy?: { readonly gang?: unknown }
    readonly podGroupTemplateRef?: { readonly workload?: { readonly workloadName: string; readonly podGroupTemplateName: string } }
  }
}
interface Workload extends KubeObject {
  readonly spec: { readonly podGroupTemplates?: readonly { readonly name: string }[] }
}

const alpha = { group: 'scheduling.k8s.io', version: 'v1alpha2', namespaced: true } as const
const podgroups: ResourceRef<PodGroup> = { ...alpha, resource: 'podgroups', kind: 'PodGroup' }
const workloads: ResourceRef<Workload> = { ...alpha, resource: 'workloads', kind: 'Workload' }
const finalizer = 'scheduling.k8s.io/podgroup-protection'

/** A group of pods stays for as long as pods refer to it: its controller takes the finalizer away. */
export function podGroupProtection(): AdmissionPlugin {
  return {
    name: 'PodGroupProtection',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, podgroups),
    admit({ object }) {
      const { metadata } = object!
      if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    },
  }
}

/** A group of pods that is made by a workload's template needs both. */
export function podGroupWorkloadExists({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const check = (request: AdmissionRequest, name: string, template: string, workload: Workload | undefined): void => {
    const why = !workload ? `Workload ${JSON.stringify(name)} not found`
      : workload.metadata.deletionTimestamp ? `Workload ${JSON.stringify(name)} is being deleted`
        : workload.spec.podGroupTemplates?.some((one) => one.name === template) ? undefined : `PodGroupTemplate ${JSON.stringify(template)} not found in Workload ${JSON.stringify(name)}`
    if (why !== undefined) throw refuse(request, `PodGroup rejected: ${why}`)
  }
  return {
    name: 'PodGroupWorkloadExists',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, podgroups),
    validate(request) {
      const from = (request.object as PodGroup).spec.podGroupTemplateRef?.workload
      if (!from) return
      const found = getOrLive(objects, workloads, { namespace: request.namespace, name: from.workloadName })
      if (found instanceof Promise) return found.then((workload) => check(request, from.workloadName, from.podGroupTemplateName, workload))
      check(request, from.workloadName, from.podGroupTemplateName, found)
    },
  }
}

/** A gang is scheduled as a whole: its job cannot be made wider or narrower meanwhile. */
export function jobValidation({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'JobValidation',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && isFor(resource, subresource, jobs),
    validate(request) {
      // Without these there are no groups to look for.
      if (!request.enabled('GenericWorkload') && !request.enabled('WorkloadWithJob')) return
      const [job, old] = [request.object as Job, request.old as Job]
      if (job.spec.parallelism === old.spec.parallelism) return
      const named = (old.spec.template.spec as { schedulingGroup?: { podGroupName?: string } }).schedulingGroup?.podGroupName
      const { namespace, uid } = old.metadata
      const groups = named === undefined
        ? objects.list(podgroups, namespace).filter((group) => controllerOf(group)?.uid === uid)
        : [objects.get(podgroups, { namespace, name: named } as never)].filter((group) => group !== undefined)
      const gang = groups.find(({ spec }) => spec.schedulingPolicy?.gang !== undefined)
      if (gang) throw refuse(request, `cannot change parallelism for a Job referencing gang-scheduled PodGroup ${JSON.stringify(gang.metadata.name)}`)
    },
  }
}
