import { expect, test } from 'vitest'
import { builtin } from './builtin'
import { notHonoured, notHonouredByOwnNetwork } from './not-honoured'

test('every entry names a resource that is served', () => {
  const served = new Set(builtin.map(({ group, resource }) => `${group}/${resource}`))
  expect(Object.keys({ ...notHonoured, ...notHonouredByOwnNetwork }).filter((name) => !served.has(name))).toEqual([])
})
