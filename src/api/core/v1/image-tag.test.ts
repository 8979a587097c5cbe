import { expect, test } from 'vitest'
import { imageTag } from './image-tag'

const hex = 'a'.repeat(64)
test.each([
  ['nginx', 'latest'], ['nginx:1.2', '1.2'], ['nginx:latest', 'latest'], ['a/b', 'latest'], ['localhost/a', 'latest'],
  ['registry.example:5000/a/b:v1', 'v1'], ['[::1]:5000/a', 'latest'], ['Host/a', 'latest'], [`a@sha256:${hex}`, ''], [`a:latest@sha256:${hex}`, 'latest'],
  // No names of images.
  ['Bad_Value!', ''], [' ', ''], ['A', ''], [hex, ''], ['a/B', ''], ['a..b', ''], [`a:latest@sha256:${'a'.repeat(40)}`, ''], ['a:', ''], ['x'.repeat(300), ''], ['-1', ''],
])('%s', (image, tag) => {
  expect(imageTag(image)).toBe(tag)
})
