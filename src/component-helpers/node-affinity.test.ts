import { expect, test } from 'vitest'
import type { Node, NodeSelectorRequirement } from '#api/core/v1/types'
import { nodeMatchesTerm } from './node-affinity'

const node = { metadata: { name: 'n1', labels: { zone: 'a', cores: '8' } } } as unknown as Node

test.each<[NodeSelectorRequirement, boolean]>([
  [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, true],
  [{ key: 'zone', operator: 'NotIn', values: ['a'] }, false],
  [{ key: 'rack', operator: 'NotIn', values: ['a'] }, true],
  [{ key: 'rack', operator: 'Exists' }, false],
  [{ key: 'rack', operator: 'DoesNotExist' }, true],
  [{ key: 'cores', operator: 'Gt', values: ['4'] }, true],
  [{ key: 'cores', operator: 'Lt', values: ['8'] }, false],
  [{ key: 'zone', operator: 'Gt', values: ['4'] }, false],
])('%j matches: %s', (requirement, expected) => {
  expect(nodeMatchesTerm(node, { matchExpressions: [requirement] })).toBe(expected)
})

test('fields select by name; an empty term selects nothing', () => {
  expect(nodeMatchesTerm(node, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] })).toBe(true)
  expect(nodeMatchesTerm(node, {})).toBe(false)
})
