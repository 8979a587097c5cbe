// The certificates/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Bytes, Int32, ListMap, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface CertificateSigningRequest {
  apiVersion: 'certificates.k8s.io/v1'
  kind: 'CertificateSigningRequest'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: CertificateSigningRequestSpec
  /** @proto 3 @always */ status: CertificateSigningRequestStatus
}

export interface CertificateSigningRequestCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 6 @required @always */ status: string
  /** @proto 2 */ reason?: string
  /** @proto 3 */ message?: string
  /** @proto 4 @always null */ lastUpdateTime?: Time
  /** @proto 5 @always null */ lastTransitionTime?: Time
}

export interface CertificateSigningRequestSpec {
  /** @proto 1 @required @always null */ request: Bytes
  /** @proto 7 @required @always */ signerName: string
  /** @proto 8 @pointer */ expirationSeconds?: Int32
  /** @proto 5 @atomic */ usages?: string[]
  /** @proto 2 */ username?: string
  /** @proto 3 */ uid?: string
  /** @proto 4 @atomic */ groups?: string[]
  /** @proto 6 */ extra?: Record<string, string[]>
}

export interface CertificateSigningRequestStatus {
  /** @proto 1 */ conditions?: ListMap<CertificateSigningRequestCondition, 'type'>
  /** @proto 2 */ certificate?: Bytes
}
