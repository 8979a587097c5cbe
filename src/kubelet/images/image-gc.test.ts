import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import type { Image, ImageService, RuntimeContainer } from '../runtime-service'
import { createImageGc, defaultImageGc } from './image-gc'

function setUp(names: readonly string[]) {
  const clock = createFakeClock()
  const at = { images: names.map((name): Image => ({ id: `sha256:${name}`, repoTags: [`docker.io/${name}:1`], repoDigests: [], sizeBytes: 100, username: '', pinned: name === 'pinned' })), inUse: [] as string[], available: 500, told: [] as string[] }
  const images = {
    listImages: async () => at.images,
    imageFsInfo: async () => [{ timestamp: 0, mountpoint: '/images', usedBytes: 0, inodesUsed: 0 }],
    removeImage: async (id: string) => void (at.images = at.images.filter((image) => image.id !== id)),
  } as unknown as ImageService
  const gc = createImageGc(defaultImageGc, {
    images, clock, log: silent, signal: new AbortController().signal, anyPods: () => true, self: { kind: 'Node', name: 'n1' },
    runtime: { listContainers: async () => at.inUse.map((name) => ({ image: `docker.io/${name}:1`, imageRef: `sha256:${name}` }) as RuntimeContainer) },
    space: async () => ({ available: at.available, capacity: 1000 }),
    recorder: { event: (_about, _type, reason, message) => void at.told.push(`${reason}: ${message}`), flush: async () => undefined },
  })
  return { at, gc, clock, left: () => at.images.map(({ id }) => id.slice(7)) }
}

test('above the high mark images go until the low one, the longest unused first; what is used, pinned, new or of the sandbox stays', async () => {
  const { at, gc, clock, left } = setUp(['used', 'old', 'recent', 'pinned', 'pause'])
  at.inUse = ['used', 'recent']
  await gc.collect()
  expect(left(), 'the disk is half empty').toHaveLength(5)
  await clock.advance(200_000)
  at.inUse = ['used', 'recent']
  await gc.collect()
  at.inUse = ['used']
  at.available = 140
  await clock.advance(130_000)
  at.images.push({ ...at.images[0]!, id: 'sha256:new', repoTags: ['docker.io/new:1'] })
  await gc.collect()
  expect(left()).toEqual(['used', 'recent', 'pinned', 'pause', 'new'])
})

test('where nothing is left to remove people are told; under pressure everything unused goes at once', async () => {
  const { at, gc, left } = setUp(['used', 'other', 'pause'])
  at.inUse = ['used']
  at.available = 10
  await expect(gc.collect()).rejects.toThrow('Attempted to free 190 bytes, but only found 0 bytes eligible to free.')
  expect(at.told).toEqual(['FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to free 190 bytes, but only found 0 bytes eligible to free.'])
  await gc.removeUnused()
  expect(left()).toEqual(['used', 'pause'])
})
