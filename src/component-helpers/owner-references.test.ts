import { expect, test } from 'vitest'
import { controllerOf, controllerRef, isControlledBy, isOwnedBy } from './owner-references'
import { makePod } from './pods.fixture'

const owner = { metadata: { name: 'rs', uid: 'u1' } }
const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u1' }

test('the controller is the one owner that manages', () => {
  const managed = makePod('p', { metadata: { ownerReferences: [{ ...reference, uid: 'u0' }, controllerRef(owner, reference)] } })
  expect(controllerOf(managed)).toEqual({ ...reference, controller: true, blockOwnerDeletion: true })
  expect(isControlledBy(managed, owner)).toBe(true)
})

test('an owner need not be the controller; the UID counts, not the name', () => {
  const owned = makePod('p', { metadata: { ownerReferences: [reference] } })
  expect([isOwnedBy(owned, owner), isControlledBy(owned, owner)]).toEqual([true, false])
  expect(isOwnedBy(owned, { metadata: { name: 'rs', uid: 'u2' } })).toBe(false)
  expect(controllerOf(makePod('p'))).toBeUndefined()
})
