import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { ObjectReader } from '../../authentication/objects'
import type { Authorizer } from '../../authorization/authorizer'
import type { Webhooks } from '../../webhook/webhook'
import type { WebhookMetrics } from './webhook-metrics'

export interface WebhookDeps {
  readonly informers: Informers
  readonly objects: ObjectReader
  readonly webhooks: Webhooks
  /** For match conditions that ask for permissions. */
  readonly authorizer: Authorizer
  readonly log: Log
  readonly calls?: WebhookMetrics | undefined
}
