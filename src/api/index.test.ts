import { expect, test } from 'vitest'
import * as door from './index'

test('every built-in kind can be imported by its resource name', () => {
  const exported = door as unknown as Record<string, unknown>
  for (const resource of door.builtin) expect(exported[resource.resource], resource.resource).toBe(resource)
})
