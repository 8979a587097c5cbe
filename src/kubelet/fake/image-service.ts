import type { Image, ImageService } from '../runtime-service'
import { RuntimeError } from '../runtime-service'
import type { FakeRules } from './rules'

export interface FakeImageService extends ImageService {
  /** Images that are there without a pull. */
  add(image: string): void
  readonly pulls: string[]
}

/** Every image exists and is pulled at once, unless a rule says otherwise; what is kept is a name. */
export function createFakeImageService(rules: FakeRules = {}): FakeImageService {
  const present = new Set<string>()
  const pulls: string[] = []
  const imageOf = (name: string): Image => ({ id: `sha256:${name}`, repoTags: [name], repoDigests: [], sizeBytes: 0, uid: 0, username: '', pinned: false })
  return {
    pulls,
    add: (image) => void present.add(image),
    listImages: async () => Array.from(present, imageOf),
    imageStatus: async (image) => (present.has(image) ? imageOf(image) : undefined),
    async pullImage(image) {
      const failure = rules.failPull?.(image)
      if (failure !== undefined) throw new RuntimeError('unknown', failure)
      if (pulls.length < 1000) pulls.push(image)
      present.add(image)
      return image
    },
    async removeImage(image) {
      present.delete(image)
    },
    imageFsInfo: async () => [],
  }
}
