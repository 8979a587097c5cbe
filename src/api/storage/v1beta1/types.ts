// The storage/v1beta1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface VolumeAttributesClass {
  apiVersion: 'storage.k8s.io/v1beta1'
  kind: 'VolumeAttributesClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ driverName: string
  /** @proto 3 */ parameters?: Record<string, string>
}
