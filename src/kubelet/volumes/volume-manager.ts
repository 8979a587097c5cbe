import { orAborted } from '#base/abort'
import { messageOf } from '#base/error-message'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod, Volume } from '#api/core/v1/types'
import { MountError } from '../pod-host'
import { volumePlugins } from './plugins'
import type { Source, VolumeContext } from './volume-plugin'

export interface VolumeManagerDeps extends Pick<VolumeContext, 'mounts' | 'objects' | 'tokens' | 'node' | 'hostIps'> {
  /** Directory of a pod: `/var/lib/kubelet/pods/<uid>`. */
  podDirectory(uid: string): string
}

/** Where each volume of a pod is on this machine, by its name. */
export interface PodVolumes { paths: ReadonlyMap<string, string>; againInMs?: number }

export interface VolumeManager {
  setUp(pod: Pod, signal: AbortSignal): Promise<PodVolumes>
  /** Works from the directory alone, so that pods of an earlier life can be cleaned up too. */
  tearDown(uid: string): Promise<void>
}

export function createVolumeManager(deps: VolumeManagerDeps): VolumeManager {
  const plugins = new Map(volumePlugins.map((plugin) => [plugin.source, plugin]))
  const volumesDirectory = (uid: string): string => join(deps.podDirectory(uid), 'volumes')

  async function setUpOne(volume: Volume, pod: Pod): Promise<{ path: string; againInMs?: number }> {
    const source = sourceOf(volume)
    const plugin = plugins.get(source)
    if (!plugin) throw new MountError(`Unable to attach or mount volumes: volume "${volume.name}": volumes of kind ${source} are not supported by this kubelet`)
    const dir = join(volumesDirectory(pod.metadata.uid ?? ''), directoryName(source), volume.name)
    try {
      const { path = dir, againInMs } = await plugin.setUp(volume[source] as never, { ...deps, dir, volume, pod })
      return { path, ...(againInMs === undefined ? {} : { againInMs }) }
    } catch (error) {
      throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`, { cause: error })
    }
  }

  return {
    async setUp(pod, signal) {
      const paths = new Map<string, string>()
      let again = Infinity
      for (const volume of pod.spec.volumes ?? []) {
        signal.throwIfAborted()
        // What a volume waits for may never come; a pod that is to end must not wait for it.
        const { path, againInMs } = await orAborted(setUpOne(volume, pod), signal)
        paths.set(volume.name, path)
        again = Math.min(again, againInMs ?? Infinity)
      }
      return { paths, ...(again === Infinity ? {} : { againInMs: again }) }
    },
    async tearDown(uid) {
      const root = volumesDirectory(uid)
      for (const kind of await list(root)) {
        const plugin = [...plugins.values()].find((one) => directoryName(one.source) === kind)
        for (const name of await list(join(root, kind))) {
          if (!plugin) throw new Error(`pod ${uid} has a volume of the unknown kind ${kind}: remove ${join(root, kind)} by hand`)
          await plugin.tearDown({ dir: join(root, kind, name), mounts: deps.mounts })
        }
      }
      deps.objects.release(uid)
      deps.tokens.release(uid)
    },
  }
}

function sourceOf(volume: Volume): Source {
  const source = Object.keys(volume).find((key) => key !== 'name' && volume[key as Source] !== undefined)
  return (source ?? 'emptyDir') as Source
}

/** As the original names them, so that tools which look there find them: `kubernetes.io~empty-dir`. */
function directoryName(source: Source): string {
  return `kubernetes.io~${source.replace(/API$/, '-api').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

