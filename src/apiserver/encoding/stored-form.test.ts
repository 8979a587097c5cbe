import { expect, it } from 'vitest'
import type { KubeObject } from '#apimachinery/object'
import { encodeMetadataAnew, encodeStored } from './stored-form'

const object: KubeObject & { spec: unknown } = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-ü', uid: 'u', resourceVersion: '7', labels: { app: 'a' } }, spec: { text: 'a\tb "ß"' },
} as never
const marked = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } }

it.each([undefined, '[{"manager":"m","fieldsV1":{"f:spec":{"f:text":{}}}}]'])('writes other metadata before what stands behind it, managers %s', (managers) => {
  const bytes = encodeMetadataAnew(marked, encodeStored(object, managers))
  expect(Buffer.from(bytes).toString()).toBe(Buffer.from(encodeStored(marked, managers)).toString())
})
