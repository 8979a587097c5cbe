import type { Pod } from '#api/core/v1/types'
import { MountError } from '../pod-host'
import { whole } from '../pod/amount'
import { podTotal } from '../pod/resources'
import { makeDirectory, ownByGroup, removeDirectory } from './directories'
import { defineVolumePlugin } from './volume-plugin'

export const emptyDir = defineVolumePlugin<'emptyDir'>({
  source: 'emptyDir',
  async setUp({ medium, sizeLimit }, { dir, pod, mounts }) {
    if (medium && medium !== 'Memory') throw new MountError(`emptyDir: storage medium "${medium}" is not supported by this kubelet`)
    await makeDirectory(dir, 0o777)
    if (medium === 'Memory' && !(await mounts.isMountPoint(dir))) {
      const sizes = [sizeLimit === undefined ? 0 : whole(sizeLimit), memoryLimit(pod)].filter((size) => size > 0)
      await mounts.ensureTmpfs(dir, sizes.length > 0 ? { size: Math.min(...sizes) } : {})
      await makeDirectory(dir, 0o777)
    }
    await ownByGroup(dir, pod.spec.securityContext?.fsGroup, false)
    return {}
  },
  async tearDown({ dir, mounts }) {
    // A tmpfs left behind keeps the pod's memory charged.
    await mounts.ensureUnmounted(dir)
    await removeDirectory(dir, mounts)
  },
})

/** Of all containers together; 0 where one of them is not limited. */
function memoryLimit(pod: Pod): number {
  const limited = pod.spec.containers.every((container) => container.resources?.limits?.['memory'] !== undefined)
  return limited ? podTotal(pod, 'limits', 'memory', whole) : 0
}
