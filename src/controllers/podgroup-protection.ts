import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { podgroups } from '#api/scheduling/v1alpha2/pod-group'
import { clone } from '#base/clone'
import { defineController, on } from '#controller-runtime/controller'
import { isTerminal } from '#component-helpers/pod-status'

const finalizer = 'scheduling.k8s.io/podgroup-protection'

const groupOf = ({ metadata, spec }: Pod): string[] => (spec.schedulingGroup?.podGroupName ? [`${metadata.namespace}/${spec.schedulingGroup.podGroupName}`] : [])

/** Keeps a PodGroup that is deleted for as long as a pod of it runs. The finalizer is there from the start: admission sees to it. */
export const podGroupProtection = defineController({
  name: 'podgroup-protection-controller',
  watches: [
    on(podgroups, undefined, { when: (group) => group?.metadata.deletionTimestamp !== undefined }),
    on(pods, groupOf, { indexes: { 'active in group': (pod) => (isTerminal(pod) ? [] : groupOf(pod)) }, when: (pod) => pod === undefined || isTerminal(pod) }),
  ],
  writes: [podgroups],

  async reconcile(key, { cached, client }) {
    const group = cached(podgroups).get(key)
    if (!group?.metadata.deletionTimestamp || !group.metadata.finalizers?.includes(finalizer) || cached(pods).by('active in group', key).length > 0) return
    const changed = clone(group)
    changed.metadata.finalizers = group.metadata.finalizers.filter((name) => name !== finalizer)
    await client.update(podgroups, changed)
  },
})
