import { statfs } from 'node:fs/promises'
import type { ObjectReference } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { EventRecorder } from '#client/events'
import type { Log } from '#component-base/log'
import type { Image, ImageService, RuntimeService } from '../runtime-service'

export interface ImageGcOptions {
  /** Percent of the image file system: above `high` images are removed until `low`. */
  highThresholdPercent: number
  lowThresholdPercent: number
  /** A younger image may be on its way to its first container. */
  minAgeMs: number
}
/** The original's defaults. */
export const defaultImageGc: ImageGcOptions = { highThresholdPercent: 85, lowThresholdPercent: 80, minAgeMs: 120_000 }
const everyMs = 300_000

export interface ImageGc {
  /** Looks now: frees space where the disk is too full. Throws when it cannot be freed. */
  collect(): Promise<void>
  /** Removes every image that nobody uses. */
  removeUnused(): Promise<void>
  /** Looks every five minutes until the signal ends it, as long as there are pods. */
  run(): Promise<void>
}

export interface ImageGcDeps {
  images: ImageService
  runtime: Pick<RuntimeService, 'listContainers'>
  /** Bytes of the file system that images are on. */
  space?: (mountpoint: string) => Promise<{ available: number; capacity: number }>
  anyPods(): boolean
  self: ObjectReference
  recorder: EventRecorder
  clock: Clock
  log: Log
  signal: AbortSignal
}

interface Known { first: number; used: number }

/** Keeps images from filling the disk: those that were not used for longest go first. */
export function createImageGc({ highThresholdPercent, lowThresholdPercent, minAgeMs }: ImageGcOptions, deps: ImageGcDeps): ImageGc {
  const { images, runtime, recorder, clock, log, signal } = deps
  const space = deps.space ?? spaceOf
  const known = new Map<string, Known>()

  /** Notes which images are there and which are in use now; the unused ones, the longest unused first. */
  async function unused(): Promise<(Image & Known)[]> {
    const [list, containers] = await Promise.all([images.listImages(), runtime.listContainers()])
    const now = clock.now()
    const inUse = new Set(containers.flatMap(({ image, imageRef }) => [image, imageRef]))
    const there = new Set(list.map(({ id }) => id))
    for (const id of known.keys()) if (!there.has(id)) known.delete(id)
    const found: (Image & Known)[] = []
    for (const image of list) {
      const times = known.get(image.id) ?? { first: now, used: 0 }
      known.set(image.id, times)
      const isUsed = [image.id, ...image.repoTags, ...image.repoDigests].some((name) => inUse.has(name))
      if (isUsed) times.used = now
      else if (!image.pinned && !isSandboxImage(image)) found.push({ ...image, ...times })
    }
    return found.sort((a, b) => a.used - b.used || a.first - b.first)
  }

  /** Resolves with the bytes that were freed. */
  async function free(bytes: number, age: number): Promise<number> {
    let freed = 0
    for (const { id, repoTags, sizeBytes, used, first } of await unused()) {
      if (freed >= bytes) break
      if (clock.now() - first < age || clock.now() - used < age) continue
      log.info('image removed, since nobody uses it', { image: repoTags[0] ?? id, bytes: sizeBytes })
      await images.removeImage(id)
      known.delete(id)
      freed += sizeBytes
    }
    return freed
  }

  async function collect(): Promise<void> {
    await unused()
    const [fileSystem] = await images.imageFsInfo()
    if (!fileSystem) return
    const { available, capacity } = await space(fileSystem.mountpoint)
    if (capacity === 0) throw new Error('invalid capacity 0 on image filesystem')
    const percent = 100 - Math.trunc((available * 100) / capacity)
    if (percent < highThresholdPercent) return
    const wanted = Math.trunc((capacity * (100 - lowThresholdPercent)) / 100) - available
    const freed = await free(wanted, minAgeMs)
    if (freed >= wanted) return
    const message = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
    recorder.event(deps.self, 'Warning', 'FreeDiskSpaceFailed', message)
    throw new Error(message)
  }

  return {
    collect,
    removeUnused: async () => void (await free(Infinity, 0)),
    async run() {
      let failed = false
      while (!signal.aborted) {
        try {
          if (deps.anyPods()) await collect()
          failed = false
        } catch (error) {
          if (signal.aborted) return
          // Once may be chance: the second time people are told.
          if (failed) recorder.event(deps.self, 'Warning', 'ImageGCFailed', messageOf(error))
          else log.warn('images not collected', { error })
          failed = true
        }
        await clock.sleep(everyMs, signal).catch((reason: unknown) => log.debug('images are no longer looked at', { reason }))
      }
    },
  }
}

/** Every pod needs it, and no container names it; runtimes before containerd 1.7 do not say so. */
const isSandboxImage = ({ repoTags, repoDigests }: Image): boolean => [...repoTags, ...repoDigests].some((name) => /(^|\/)pause[:@]/.test(name))

async function spaceOf(mountpoint: string): Promise<{ available: number; capacity: number }> {
  const { bavail, blocks, bsize } = await statfs(mountpoint)
  return { available: bavail * bsize, capacity: blocks * bsize }
}
