import type { Image, ImageService } from '../runtime-service'
import { isRuntimeNotFound } from '../runtime-service'
import type { CriConnection } from './connection'
import type { WireImage } from './messages'
import { methods } from './messages'
import { fsUsage } from './runtime-service'

/** Images behind a CRI socket. */
export function createCriImageService({ call }: CriConnection): ImageService {
  return {
    listImages: async () => (await call(methods.listImages, {})).images.map(imageOf),
    async imageStatus(image) {
      const { image: found } = await call(methods.imageStatus, { image: { image } })
      return found?.id ? imageOf(found) : undefined
    },
    // The original has no limit either: a runtime gives up by itself when nothing moves.
    pullImage: async (image, auth, sandboxConfig) =>
      (await call(methods.pullImage, { image: { image }, ...(auth ? { auth } : {}), ...(sandboxConfig ? { sandboxConfig } : {}) }, { timeoutMs: 3_600_000 })).imageRef,
    async removeImage(image) {
      try {
        await call(methods.removeImage, { image: { image } })
      } catch (error) {
        if (!isRuntimeNotFound(error)) throw error
      }
    },
    imageFsInfo: async () => (await call(methods.imageFsInfo, {})).imageFilesystems.map(fsUsage),
  }
}

function imageOf({ size, uid, ...rest }: WireImage): Image {
  return { ...rest, sizeBytes: size, ...(uid === undefined ? {} : { uid }) }
}
