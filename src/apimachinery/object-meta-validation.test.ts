import { describe, expect, test } from 'vitest'
import { FieldErrors } from './field-errors'
import type { ObjectMeta } from './meta/v1/types'
import { nameIsDnsSubdomain } from './names'
import { validateFieldManager, validateObjectMeta, validateObjectMetaUpdate, validateUpdatedMeta } from './object-meta-validation'

const sound: ObjectMeta = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
const found = (run: (errors: FieldErrors) => void): string[] => {
  const errors = new FieldErrors()
  run(errors.at('metadata'))
  return errors.all.map((error) => `${error.field}: ${error.message}`)
}
const created = (meta: Partial<ObjectMeta>, namespaced = true) => found((errors) => validateObjectMeta({ ...sound, ...meta }, namespaced, nameIsDnsSubdomain, errors))
const updated = (meta: Partial<ObjectMeta>, old: Partial<ObjectMeta> = {}) => found((errors) => validateObjectMetaUpdate({ ...sound, ...meta }, { ...sound, ...old }, errors))

describe('a new object', () => {
  test('is fine', () => {
    expect(created({ generateName: 'a-', labels: { a: 'b' }, annotations: { 'Example.com/A': 'x' }, finalizers: ['example.com/f', 'orphan'] })).toEqual([])
    expect(created({ namespace: '' }, false)).toEqual([])
  })
  test.each<[Partial<ObjectMeta>, string]>([
    [{ name: '' }, 'metadata.name: Required value: name or generateName is required'],
    [{ name: 'A' }, 'metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain'],
    [{ generateName: 'Ab-' }, 'metadata.generateName: Invalid value: "Ab-": a lowercase'],
    [{ namespace: '' }, 'metadata.namespace: Required value'],
    [{ namespace: 'a.b' }, 'metadata.namespace: Invalid value: "a.b": must not contain dots'],
    [{ generation: -1 }, 'metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
    [{ labels: { a: 'b c' } }, 'metadata.labels: Invalid value: "b c": a valid label must be'],
    [{ annotations: { 'a b': '' } }, 'metadata.annotations: Invalid value: "a b": name part must'],
    [{ annotations: { a: 'x'.repeat(256 * 1024) } }, 'metadata.annotations: Too long: may not be more than 262144 bytes'],
    [{ finalizers: ['orphan', 'foregroundDeletion'] }, 'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'],
    [{ ownerReferences: [{ apiVersion: '', kind: 'A', name: 'a', uid: 'u' }] }, 'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty'],
    [{ ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'u' }] }, 'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner'],
    [{ managedFields: [{ operation: 'X' }] }, 'metadata.managedFields[0].operation: Invalid value: "X": must be `Apply` or `Update`'],
  ])('%j is refused', (meta, message) => {
    expect(created(meta)).toEqual([expect.stringContaining(message)])
  })
  test('a cluster-wide object has no namespace', () => {
    expect(created({}, false)).toEqual(['metadata.namespace: Forbidden: not allowed on this type'])
  })
  test('one controller at most', () => {
    const reference = { apiVersion: 'v1', kind: 'A', uid: 'u', controller: true }
    expect(created({ ownerReferences: [{ ...reference, name: 'a' }, { ...reference, name: 'b' }] })[0]).toMatch(
      /^metadata.ownerReferences: Invalid value: \[.*\]: Only one reference can have Controller set to true. Found "true" in references for A\/a and A\/b$/,
    )
  })
})

describe('an update', () => {
  test.each<[Partial<ObjectMeta>, Partial<ObjectMeta>, string[]]>([
    [{}, {}, []],
    [{ uid: 'v' }, {}, ['metadata.uid: Invalid value: "v": field is immutable']],
    [{ resourceVersion: '' }, {}, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']],
    [{ generation: 1 }, { generation: 2 }, ['metadata.generation: Invalid value: 1: must not be decremented']],
    [{ deletionTimestamp: '2026-01-01T00:00:00Z' }, {}, ['metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable']],
    [{}, { deletionGracePeriodSeconds: 5 }, ['metadata.deletionGracePeriodSeconds: Invalid value: null: field is immutable']],
    [
      { deletionTimestamp: 't', finalizers: ['b', 'a', 'c'] }, { deletionTimestamp: 't', finalizers: ['c'] },
      ['metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a", "b"}'],
    ],
  ])('%j over %j', (meta, old, messages) => {
    expect(updated(meta, old)).toEqual(messages)
  })
})

describe('an update is looked at as often as the original does', () => {
  const bad = { labels: { a: 'b c' }, generateName: 'A', finalizers: ['b d/e'] }
  test.each<[Partial<ObjectMeta>, whole: number, update: number, [labels: number, generateName: number, finalizers: number, legacy: number]]>([
    [{}, 1, 1, [0, 0, 0, 0]],
    [{ uid: 'v' }, 0, 0, [0, 0, 0, 0]],
    [bad, 0, 0, [2, 0, 1, 0]],
    [bad, 0, 1, [3, 0, 1, 1]],
    [bad, 1, 1, [4, 1, 2, 2]],
    [bad, 2, 0, [4, 2, 3, 2]],
    [{ generateName: 'a/b' }, 0, 0, [0, 1, 0, 0]],
    [{ generateName: 'A' }, 0, 1, [0, 0, 0, 0]],
    [{ generateName: 'A' }, 1, 1, [0, 1, 0, 0]],
  ])('%j', (meta, whole, update, counts) => {
    const object = { ...sound, ...meta }
    const messages = found((errors) => validateUpdatedMeta(object, sound, {
      namespaced: true, nameRule: nameIsDnsSubdomain, whole, update, legacy: (to) => object.finalizers && to.at('legacy').forbidden('x'),
    }, errors))
    expect(['labels', 'generateName', 'finalizers', 'legacy'].map((field) => messages.filter((text) => text.startsWith(`metadata.${field}:`)).length)).toEqual(counts)
    expect(messages.length > 0).toBe(counts.some((count) => count > 0) || meta.uid !== undefined)
  })
})

test('field managers are printable', () => {
  expect(found((errors) => validateFieldManager('a\nb', errors))).toEqual(['metadata: Invalid value: "a\\nb": invalid character U+000A (at position 1)'])
  expect(found((errors) => validateFieldManager('x'.repeat(129), errors))).toEqual(['metadata: Too long: may not be more than 128 bytes'])
})
