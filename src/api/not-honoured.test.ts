import { expect, test } from 'vitest'
import { builtin } from './builtin'
import { notHonoured } from './not-honoured'

test('every entry names a resource that is served', () => {
  const served = new Set(builtin.map(({ group, resource }) => `${group}/${resource}`))
  expect(Object.keys(notHonoured).filter((name) => !served.has(name))).toEqual([])
})

test('pods are warned about by the field that is ignored', () => {
  const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [], ...spec } }) as never
  expect(notHonoured['/pods']!(pod({}))).toEqual([])
  expect(notHonoured['/pods']!(pod({ resourceClaims: [{ name: 'gpu' }] }))).toEqual([expect.stringContaining('spec.resourceClaims')])
})
