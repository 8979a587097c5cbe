import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { OptionsError } from '#component-base/options/whole'
import type { Webhooks } from '../webhook/webhook'
import { type Audit, createAudit, tellFailures } from './audit'
import { type Backend, type Failed, ignoringErrors, truncating, union } from './backend'
import { batching } from './batching'
import { logBackend, standardOutput } from './log-backend'
import type { AuditOptions } from './options'
import { readPolicy } from './policy'
import { openRotatingFile } from './rotating-file'
import { webhookBackend } from './webhook-backend'

export interface OpenAuditDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly webhooks: Pick<Webhooks, 'ofKubeconfig'>
}

/** The audit that the options ask for; undefined where they name no policy or no place. Throws for options and files that make no sense. */
export async function openAudit(options: AuditOptions, { clock, log, metrics, webhooks }: OpenAuditDeps): Promise<Audit | undefined> {
  const toLog = options.auditLogPath !== ''
  const toWebhook = options.auditWebhookConfigFile !== ''
  check(options, toLog, toWebhook)
  if (options.auditPolicyFile === '') {
    if (toLog || toWebhook) log.warn('no audit policy was given: no events are recorded', {})
    return undefined
  }
  const policy = await readPolicy(options.auditPolicyFile, (text) => log.warn(text))
  const failed = tellFailures(log, metrics)
  const backends: Backend[] = []
  if (toLog) backends.push(wrapped('auditLog', options, logTo(options, clock, log, failed), false, clock, failed))
  if (toWebhook) backends.push(wrapped('auditWebhook', options, webhookBackend(webhooks.ofKubeconfig(options.auditWebhookConfigFile), options.auditWebhookInitialBackoff, clock, failed), true, clock, failed))
  return backends.length === 0 ? undefined : createAudit(policy, union(backends), { clock, metrics })
}

function logTo(options: AuditOptions, clock: Clock, log: Log, failed: Failed): Backend {
  const { auditLogPath: path, auditLogMaxsize: maxSize, auditLogMaxbackup: maxBackups, auditLogMaxage: maxAge, auditLogCompress: compress } = options
  const out = path === '-' ? standardOutput : openRotatingFile({ path, maxSize, maxBackups, maxAge, compress }, clock, log)
  return logBackend(out, options.auditLogFormat as 'json' | 'legacy', failed)
}

/** Both sorts of backends have the same flags. */
type Prefix = 'auditLog' | 'auditWebhook'

function wrapped(prefix: Prefix, options: AuditOptions, backend: Backend, async: boolean, clock: Clock, failed: Failed): Backend {
  const mode = options[`${prefix}Mode`]
  const inMode =
    mode === 'blocking-strict' ? backend
    : mode === 'blocking' ? ignoringErrors(backend)
    : batching(backend, {
        bufferSize: options[`${prefix}BatchBufferSize`], maxSize: options[`${prefix}BatchMaxSize`], maxWait: options[`${prefix}BatchMaxWait`], async,
        ...(options[`${prefix}BatchThrottleEnable`] ? { throttle: { qps: options[`${prefix}BatchThrottleQps`], burst: options[`${prefix}BatchThrottleBurst`] } } : {}),
      }, clock, failed)
  if (!options[`${prefix}TruncateEnabled`]) return inMode
  return truncating(inMode, options[`${prefix}TruncateMaxEventSize`], options[`${prefix}TruncateMaxBatchSize`], failed)
}

function check(options: AuditOptions, toLog: boolean, toWebhook: boolean): void {
  const problems: string[] = []
  for (const [used, prefix, name] of [[toLog, 'auditLog', 'log'], [toWebhook, 'auditWebhook', 'webhook']] as const) {
    if (!used) continue
    if (options[`${prefix}Mode`] === 'batch' && options[`${prefix}BatchThrottleEnable`]) {
      if (options[`${prefix}BatchThrottleQps`] <= 0) problems.push(`invalid audit batch ${name} throttle QPS ${options[`${prefix}BatchThrottleQps`]}, must be a positive number`)
      if (options[`${prefix}BatchThrottleBurst`] <= 0) problems.push(`invalid audit batch ${name} throttle burst ${options[`${prefix}BatchThrottleBurst`]}, must be a positive number`)
    }
    const event = options[`${prefix}TruncateMaxEventSize`]
    const batch = options[`${prefix}TruncateMaxBatchSize`]
    if (batch < event) problems.push(`invalid audit truncate ${name} max batch size ${batch}, must be greater than max event size (${event})`)
  }
  if (problems.length > 0) throw new OptionsError('kube-apiserver', problems)
}
