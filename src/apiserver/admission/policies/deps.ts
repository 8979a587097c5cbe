import type { Informers } from '#client/informer'
import type { ObjectReader } from '../../authentication/objects'
import type { Authorizer } from '../../authorization/authorizer'
import type { Params } from './params'

export interface PolicyDeps {
  readonly informers: Informers
  readonly objects: ObjectReader
  readonly authorizer: Authorizer
  /** Shared by all policies, since they may be given the same objects. */
  readonly params: Params
}
