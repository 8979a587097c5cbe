// The apiregistration/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Bytes, Int32, ListMap, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface APIService {
  apiVersion: 'apiregistration.k8s.io/v1'
  kind: 'APIService'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: APIServiceSpec
  /** @proto 3 @always */ status: APIServiceStatus
}

export interface APIServiceCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface APIServiceSpec {
  /** @proto 1 */ service?: ServiceReference
  /** @proto 2 */ group?: string
  /** @proto 3 */ version?: string
  /** @proto 4 */ insecureSkipTLSVerify?: boolean
  /** @proto 5 @atomic */ caBundle?: Bytes
  /** @proto 7 @required @always */ groupPriorityMinimum: Int32
  /** @proto 8 @required @always */ versionPriority: Int32
}

export interface APIServiceStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<APIServiceCondition, 'type'>
}

export interface ServiceReference {
  /** @proto 1 */ namespace?: string
  /** @proto 2 */ name?: string
  /** @proto 3 @pointer */ port?: Int32
}
