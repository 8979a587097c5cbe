import type { Volume } from '#api/core/v1/types'
import { atomicOwner } from './atomic-owner'
import { writeAtomically } from './atomic-writer'
import { makeDirectory, removeDirectory } from './directories'
import type { Files } from './object-payload'
import type { Source, VolumeContext, VolumePlugin } from './volume-plugin'
import { defineVolumePlugin } from './volume-plugin'

/** A volume of files that the kubelet writes and keeps fresh. `memory`: on a tmpfs, since what it holds is secret. */
export function payloadVolume<S extends Source>(
  source: S, { memory }: { memory: boolean }, read: (source: NonNullable<Volume[S]>, context: VolumeContext) => Promise<{ files: Files; againInMs?: number }>,
): VolumePlugin {
  return defineVolumePlugin<S>({
    source,
    async setUp(given, context) {
      const { dir, mounts, pod } = context
      // First what it shows: a volume that cannot be filled is not made.
      const { files, againInMs } = await read(given, context)
      await makeDirectory(dir, 0o755)
      if (memory) {
        await mounts.ensureTmpfs(dir, {})
        await makeDirectory(dir, 0o755)
      }
      await writeAtomically(dir, files, Date.now(), atomicOwner(pod.spec.securityContext?.fsGroup))
      return againInMs === undefined ? {} : { againInMs }
    },
    async tearDown({ dir, mounts }) {
      await mounts.ensureUnmounted(dir)
      await removeDirectory(dir, mounts)
    },
  })
}
