// The certificates/v1beta1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ClusterTrustBundle {
  apiVersion: 'certificates.k8s.io/v1beta1'
  kind: 'ClusterTrustBundle'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ClusterTrustBundleSpec
}

export interface ClusterTrustBundleSpec {
  /** @proto 1 */ signerName?: string
  /** @proto 2 @required @always */ trustBundle: string
}
