import { atLeast, oneOf, type Option, option, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'

const mode = oneOf('batch', 'blocking', 'blocking-strict')
const version = oneOf('audit.k8s.io/v1')
const positive = atLeast(1)

/** Where events go, by kube-apiserver's flags. Without a policy nothing is recorded. */
export const auditOptions = {
  auditPolicyFile: option(types.string, 'audit-policy-file', '', 'A file that says which requests are audited, and how much of them: an audit.k8s.io/v1 Policy. Without it nothing is.'),

  auditLogPath: option(types.string, 'audit-log-path', '', 'The file that audit events are written to; - for standard output.'),
  auditLogFormat: option(types.string, 'audit-log-format', 'json', 'json, or legacy: one line of text.', oneOf('json', 'legacy')),
  auditLogVersion: option(types.string, 'audit-log-version', 'audit.k8s.io/v1', 'Group and version of events in the log.', version),
  auditLogMaxage: option(types.int, 'audit-log-maxage', 366, 'Days that old audit logs are kept; 0 for ever.', atLeast(0)),
  auditLogMaxbackup: option(types.int, 'audit-log-maxbackup', 100, 'Old audit logs that are kept; 0 for all.', atLeast(0)),
  auditLogMaxsize: option(types.int, 'audit-log-maxsize', 100, 'Megabytes of an audit log before the next is begun; 0 for no end.', atLeast(0)),
  auditLogCompress: option(types.bool, 'audit-log-compress', false, 'Compress old audit logs with gzip.'),
  auditLogMode: option(types.string, 'audit-log-mode', 'blocking', 'batch, blocking, or blocking-strict: requests that cannot be recorded fail.', mode),
  auditLogBatchBufferSize: option(types.int, 'audit-log-batch-buffer-size', 10000, 'Events that wait at most; batch mode only.', positive),
  auditLogBatchMaxSize: option(types.int, 'audit-log-batch-max-size', 1, 'Events of a batch; batch mode only.', positive),
  auditLogBatchMaxWait: option(types.duration, 'audit-log-batch-max-wait', 0, 'How long an event waits for others; batch mode only.', atLeast(0)),
  auditLogBatchThrottleEnable: option(types.bool, 'audit-log-batch-throttle-enable', false, 'Hold batches back to a rate; batch mode only.'),
  auditLogBatchThrottleQps: option(types.float, 'audit-log-batch-throttle-qps', 0, 'Batches a second; batch mode only.', atLeast(0)),
  auditLogBatchThrottleBurst: option(types.int, 'audit-log-batch-throttle-burst', 0, 'Batches at one moment; batch mode only.', atLeast(0)),
  auditLogTruncateEnabled: option(types.bool, 'audit-log-truncate-enabled', false, 'Shorten events and batches that are too large.'),
  auditLogTruncateMaxBatchSize: option(types.int, 'audit-log-truncate-max-batch-size', 10485760, 'Bytes of a batch.', positive),
  auditLogTruncateMaxEventSize: option(types.int, 'audit-log-truncate-max-event-size', 102400, 'Bytes of an event.', positive),

  auditWebhookConfigFile: option(types.string, 'audit-webhook-config-file', '', 'A kubeconfig of the server that audit events are sent to.'),
  auditWebhookInitialBackoff: option(types.duration, 'audit-webhook-initial-backoff', 10_000, 'How long to wait before a failed batch is sent again.', atLeast(0)),
  auditWebhookVersion: option(types.string, 'audit-webhook-version', 'audit.k8s.io/v1', 'Group and version of events that are sent.', version),
  auditWebhookMode: option(types.string, 'audit-webhook-mode', 'batch', 'batch, blocking, or blocking-strict: requests that cannot be recorded fail.', mode),
  auditWebhookBatchBufferSize: option(types.int, 'audit-webhook-batch-buffer-size', 10000, 'Events that wait at most; batch mode only.', positive),
  auditWebhookBatchMaxSize: option(types.int, 'audit-webhook-batch-max-size', 400, 'Events of a batch; batch mode only.', positive),
  auditWebhookBatchMaxWait: option(types.duration, 'audit-webhook-batch-max-wait', 30_000, 'How long an event waits for others; batch mode only.', atLeast(0)),
  auditWebhookBatchThrottleEnable: option(types.bool, 'audit-webhook-batch-throttle-enable', true, 'Hold batches back to a rate; batch mode only.'),
  auditWebhookBatchThrottleQps: option(types.float, 'audit-webhook-batch-throttle-qps', 10, 'Batches a second; batch mode only.', atLeast(0)),
  auditWebhookBatchThrottleBurst: option(types.int, 'audit-webhook-batch-throttle-burst', 15, 'Batches at one moment; batch mode only.', atLeast(0)),
  auditWebhookTruncateEnabled: option(types.bool, 'audit-webhook-truncate-enabled', false, 'Shorten events and batches that are too large.'),
  auditWebhookTruncateMaxBatchSize: option(types.int, 'audit-webhook-truncate-max-batch-size', 10485760, 'Bytes of a batch.', positive),
  auditWebhookTruncateMaxEventSize: option(types.int, 'audit-webhook-truncate-max-event-size', 102400, 'Bytes of an event.', positive),
} satisfies { readonly [name: string]: Option<any> }
export type AuditOptions = OptionsOf<typeof auditOptions>
