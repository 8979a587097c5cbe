import { messageOf } from '#base/error-message'
import { about } from '#client/events'
import type { EventRecorder } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Container, Pod, Secret } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { containerPath } from '../kuberuntime/container-path'
import { createBackOff } from '../pod/back-off'
import type { AuthConfig, Image, ImageService, PodSandboxConfig } from '../runtime-service'
import { credentialsFor } from './credentials'
import { withDefaultTag } from './image-name'

/** Why there is no image: `reason` is what the waiting state shows. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly reason: string
  /** When a pull may be tried again, where it is backing off. */
  readonly againInMs: number | undefined
  constructor(reason: string, message: string, againInMs?: number) {
    super(message)
    this.reason = reason
    this.againInMs = againInMs
  }
}

/** Sees to it that a container's image is there, by its pull policy, and tells the story in events. */
export interface ImageManager {
  /** Resolves with what the runtime calls the image. Throws ImageError. */
  ensure(pod: Pod, container: Pick<Container, 'name' | 'image' | 'imagePullPolicy'>, secrets: () => Promise<readonly Secret[]>, sandbox: PodSandboxConfig): Promise<{ ref: string; image: Image | undefined }>
}

export interface ImageManagerDeps { images: ImageService; recorder: EventRecorder; clock: Clock; log: Log }

/** After a failed pull the pod is looked at again while the pull backs off, so that it says so. */
const shownMs = 1000

export function createImageManager({ images, recorder, clock, log }: ImageManagerDeps): ImageManager {
  const backOff = createBackOff({ initialMs: 10_000, maxMs: 300_000 }, clock)
  const failures = new Map<string, { at: number; text: string }>()

  async function find(image: string, asked: string): Promise<Image | undefined> {
    try {
      return await images.imageStatus(image)
    } catch (error) {
      throw new ImageError('ImageInspectError', `Failed to inspect image "${asked}": ${messageOf(error)}`)
    }
  }

  async function pull(image: string, asked: string, pod: Pod, secrets: readonly Secret[], sandbox: PodSandboxConfig, tell: Tell): Promise<string> {
    const key = `${pod.metadata.uid ?? ''}_${asked}`
    const failed = failures.get(key)
    if (failed) {
      const left = backOff.remaining(key, failed.at)
      if (left > 0) {
        const message = `Back-off pulling image "${asked}"`
        tell('Normal', 'BackOff', message)
        throw new ImageError('ImagePullBackOff', `${message}: ${failed.text}`, left)
      }
    }
    tell('Normal', 'Pulling', `Pulling image "${asked}"`)
    const began = clock.monotonic()
    const credentials: (AuthConfig | undefined)[] = credentialsFor(image, secrets, (secret, error) => log.warn('pull secret cannot be read', { secret, error }))
    if (credentials.length === 0) credentials.push(undefined)
    let problem: unknown
    for (const auth of credentials) {
      try {
        const ref = await images.pullImage(image, auth, sandbox)
        failures.delete(key)
        const took = duration(clock.monotonic() - began)
        const size = (await images.imageStatus(ref))?.sizeBytes ?? 0
        tell('Normal', 'Pulled', `Successfully pulled image "${asked}" in ${took} (${took} including waiting). Image size: ${size} bytes.`)
        return ref
      } catch (error) {
        problem = error
      }
    }
    const text = messageOf(problem)
    tell('Warning', 'Failed', `Failed to pull image "${asked}": ${text}`)
    backOff.next(key, clock.now())
    failures.set(key, { at: clock.now(), text: `ErrImagePull: ${text}` })
    if (failures.size > 1000) failures.delete(failures.keys().next().value!)
    throw new ImageError('ErrImagePull', text, shownMs)
  }

  return {
    async ensure(pod, container, secrets, sandbox) {
      const asked = container.image ?? ''
      const tell: Tell = (type, reason, message) => recorder.event(about(pods, pod, containerPath(pod, container.name)), type, reason, message)
      let image: string
      try {
        image = withDefaultTag(asked)
      } catch (error) {
        const message = `Failed to apply default image tag "${asked}": ${messageOf(error)}`
        tell('Warning', 'InspectFailed', message)
        throw new ImageError('InvalidImageName', message)
      }
      const policy = container.imagePullPolicy ?? 'IfNotPresent'
      if (policy !== 'Always') {
        const present = await find(image, asked).catch((error: unknown) => {
          if (error instanceof ImageError) tell('Warning', 'InspectFailed', error.message)
          throw error
        })
        if (present) {
          tell('Normal', 'Pulled', `Container image "${asked}" already present on machine and can be accessed by the pod`)
          return { ref: present.id, image: present }
        }
        if (policy === 'Never') {
          const message = `Container image "${asked}" is not present with pull policy of Never`
          tell('Warning', 'ErrImageNeverPull', message)
          throw new ImageError('ErrImageNeverPull', message)
        }
      }
      const ref = await pull(image, asked, pod, await secrets(), sandbox, tell)
      return { ref, image: await find(ref, asked) }
    },
  }
}

type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void

/** Go's way to write a duration in whole milliseconds: `1.234s`, `56ms`. */
function duration(ms: number): string {
  const whole = Math.floor(ms)
  return whole < 1000 ? `${whole}ms` : whole < 60_000 ? `${whole / 1000}s` : `${Math.floor(whole / 60_000)}m${(whole % 60_000) / 1000}s`
}

