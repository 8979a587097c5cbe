import { pods } from '#api/core/v1/pod'
import type { Container, EphemeralContainer, Pod } from '#api/core/v1/types'
import { ApiError } from '#apimachinery/api-error'
import { allContainers } from '#component-helpers/pod-containers'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

/** Every container pulls its image anew, so that only who may pull it runs it. */
export function alwaysPullImages(): AdmissionPlugin {
  const concerns = ({ operation, object, old }: AdmissionRequest): boolean => operation === 'CREATE' || bringsImages(object as Pod, old as Pod)
  return {
    name: 'AlwaysPullImages',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, pods),
    admit(request) {
      if (!concerns(request)) return
      const pod = request.object as Pod
      for (const container of allContainers(pod)) container.imagePullPolicy = 'Always'
      for (const { image } of pod.spec.volumes ?? []) if (image) image.pullPolicy = 'Always'
    },
    validate(request) {
      if (!concerns(request)) return
      const { spec } = request.object as Pod
      const problems: string[] = []
      const check = (path: string, policy: string | undefined): void => {
        if (policy !== 'Always') problems.push(refuse(request, `${path}: Unsupported value: ${JSON.stringify(policy ?? '')}: supported values: "Always"`).message)
      }
      const each = (field: string, containers: readonly (Container | EphemeralContainer)[] | undefined): void => containers?.forEach((container, i) => check(`spec.${field}[${i}].imagePullPolicy`, container.imagePullPolicy))
      each('initContainers', spec.initContainers)
      each('containers', spec.containers)
      each('ephemeralContainers', spec.ephemeralContainers)
      for (const [i, { image }] of (spec.volumes ?? []).entries()) if (image) check(`spec.volumes[${i}].image.pullPolicy`, image.pullPolicy)
      // The original makes no answer of its own of several.
      if (problems.length > 0) throw new ApiError(500, '', problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`)
    },
  }
}

function bringsImages(pod: Pod, old: Pod): boolean {
  const known = new Set(allContainers(old).map(({ image }) => image))
  return allContainers(pod).some(({ image }) => !known.has(image))
}
