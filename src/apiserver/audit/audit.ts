import { ApiError } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { StoreUnavailable } from '#storage/store'
import type { Exchange, Result } from '../exchange'
import type { Handler, Stop } from '../handler-chain'
import { isLongRunning } from '../long-running'
import type { Backend, Failed } from './backend'
import { legacyLine, type AuditEvent, type Stage } from './event'
import { evaluator, type Policy, type Verdict } from './policy'
import { Record } from './record'

/** Where requests are written down. Without it a server has neither the stop nor the handler. */
export interface Audit extends AsyncDisposable {
  /** Behind `authenticate`: decides what is recorded, and says that the request has come. */
  readonly stop: Stop
  /** Around the whole chain: sees what comes of a request. */
  around(handler: Handler): Handler
}

export interface AuditDeps {
  readonly clock: Clock
  readonly metrics?: Metrics | undefined
}

export function createAudit(policy: Policy, backend: Backend, { clock, metrics }: AuditDeps): Audit {
  const evaluate = evaluator(policy)
  const generated = metrics?.counter('apiserver_audit_event_total', 'Counter of audit events generated and sent to the audit backend.')
  const levelled = metrics?.counter('apiserver_audit_level_total', 'Counter of policy levels for audit events (1 per request).', ['level'])
  const rejected = metrics?.counter('apiserver_audit_requests_rejected_total', 'Counter of apiserver requests rejected due to an error in audit logging backend.')

  const emit = (record: Record, stage: Stage): boolean | Promise<boolean> => {
    if (record.verdict.omitStages.has(stage)) return true
    generated?.use((counter) => counter.inc())
    return backend.process([record.at(stage, clock.now())])
  }
  const judge = (exchange: Exchange, user: Exchange['user'] | undefined): Record | undefined => {
    const verdict: Verdict = evaluate(user, exchange.info)
    levelled?.use((counter) => counter.inc({ level: verdict.level }))
    if (verdict.level === 'None') return undefined
    const record = new Record(exchange, user, verdict, clock.now())
    for (const [key, value] of exchange.annotations ?? []) record.annotate(key, value)
    return record
  }
  const insist = (recorded: boolean): void => {
    if (recorded) return
    rejected?.use((counter) => counter.inc())
    throw new ApiError(500, 'InternalError', 'Internal error occurred: failed to store audit event')
  }

  const stop: Stop = (exchange) => {
    const record = judge(exchange, exchange.user)
    if (!record) return
    exchange.audit = record
    exchange.finished.push((code) => {
      record.coded(code)
      void emit(record, record.hasPanicked ? 'Panic' : 'ResponseComplete')
    })
    const recorded = emit(record, 'RequestReceived')
    if (typeof recorded === 'boolean') return insist(recorded)
    return recorded.then(insist)
  }

  function answered(exchange: Exchange, result: Result): void {
    const record = exchange.audit as Record | undefined
    if (!record) return
    record.answered(result)
    if (isLongRunning(exchange.info)) void emit(record, 'ResponseStarted')
  }

  function refused(exchange: Exchange, error: unknown): void {
    const record = exchange.audit as Record | undefined
    if (!record) {
      // Who was not let in has come no further than to the stop before this one.
      const stranger = error instanceof ApiError && error.code === 401 ? judge(exchange, undefined) : undefined
      stranger?.refused(error)
      if (stranger) void emit(stranger, 'ResponseStarted')
      return
    }
    const foreseen = error instanceof ApiError || error instanceof StoreUnavailable
    if (foreseen) record.refused(error)
    else record.panicked(error)
    if (foreseen && isLongRunning(exchange.info)) void emit(record, 'ResponseStarted')
  }

  return {
    stop,
    around: (handler) => (exchange) => {
      const settled = (result: Result): Result => {
        answered(exchange, result)
        return result
      }
      const failed = (error: unknown): never => {
        refused(exchange, error)
        throw error
      }
      try {
        const result = handler(exchange)
        return result instanceof Promise ? result.then(settled, failed) : settled(result)
      } catch (error) {
        return failed(error)
      }
    },
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  }
}

/** Counts what backends could not record, and says so in the log. */
export function tellFailures(log: Log, metrics: Metrics | undefined): Failed {
  const errors = metrics?.counter('apiserver_audit_error_total', 'Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.', ['plugin'])
  return (plugin, error, events: readonly AuditEvent[]) => {
    errors?.use((counter) => counter.inc({ plugin }, events.length))
    log.error('audit events were not recorded', { plugin, error: messageOf(error), events: events.slice(0, 100).map(({ facts }) => legacyLine(facts)) })
  }
}
