import type { Status } from '#apimachinery/meta/v1/types'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import type { UserInfo } from '../authentication/authenticator'
import { jsonForm } from '../encoding/json-form'
import type { Form } from '../encoding/form'
import type { AuditRecord, Exchange, Result } from '../exchange'
import { statusOf } from '../status'
import { AuditEvent, type EventFacts, levels, type ObjectReference, type Stage } from './event'
import type { Verdict } from './policy'
import { sourceIps } from './source-ips'

const longestUserAgent = 1024

/** What is known so far of one request that is audited. */
export class Record implements AuditRecord {
  readonly verdict: Verdict
  hasPanicked = false
  private readonly depth: number
  private readonly exchange: Exchange
  private readonly user: UserInfo | undefined
  private readonly received: number
  private readonly annotations = new Map<string, string>()
  private impersonatedUser: UserInfo | undefined
  private impersonationConstraint: string | undefined
  private objectRef: ObjectReference | undefined
  private status: Partial<Status> | undefined
  private request: string | undefined
  private response: string | undefined

  constructor(exchange: Exchange, user: UserInfo | undefined, verdict: Verdict, received: number) {
    this.exchange = exchange
    this.user = user
    this.verdict = verdict
    this.depth = levels.indexOf(verdict.level)
    this.received = received
    this.objectRef = referenceOf(exchange)
  }

  annotate(key: string, value: string): void {
    if (!this.annotations.has(key)) this.annotations.set(key, value)
  }

  impersonated(user: UserInfo, constraint?: string): void {
    this.impersonatedUser = user
    this.impersonationConstraint = constraint
  }

  requestObject(object: unknown): void {
    const { metadata } = (object ?? {}) as { metadata?: Partial<ObjectMeta> }
    const ref = (this.objectRef ??= {})
    if (metadata && typeof metadata === 'object') {
      if (metadata.namespace) ref.namespace ??= metadata.namespace
      if (metadata.name) ref.name ??= metadata.name
      if (metadata.uid) ref.uid ??= metadata.uid
      if (metadata.resourceVersion) ref.resourceVersion ??= metadata.resourceVersion
    }
    if (this.depth >= levels.indexOf('Request')) this.request = JSON.stringify(this.verdict.omitManagedFields ? withoutManagers(object) : object)
  }

  /** The handler has its answer; `undefined` status fields beside the code, as the original has them. */
  answered(result: Result): void {
    if (result.sort === 'taken') this.status = { code: 101 }
    else if (result.sort === 'object' && isStatus(result.object)) this.status = boundedStatus(result.object)
    else this.status = { code: 'code' in result ? result.code : 200 }
    if (this.verdict.level !== 'RequestResponse') return
    const text = answerText(result, (this.exchange as { form?: Form }).form)
    if (text !== undefined) this.response = this.verdict.omitManagedFields ? JSON.stringify(withoutManagers(JSON.parse(text))) : text
  }

  refused(error: unknown): void {
    const status = statusOf(error)
    this.status = boundedStatus(status)
    if (this.verdict.level === 'RequestResponse') this.response = JSON.stringify(status)
  }

  /** An error that nobody foresaw. */
  panicked(error: unknown): void {
    this.hasPanicked = true
    this.status = { status: 'Failure', message: `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`, reason: 'InternalError', code: 500 }
  }

  /** What went out in the end. */
  coded(code: number): void {
    // The handler has no answer yet where its time is up, or nobody is left to hear it.
    if (!this.status) this.status = code >= 400 ? { code } : { code, status: 'Success', message: 'Connection closed early' }
    else if (this.status.code !== code && code !== 0) this.status = { ...this.status, code }
  }

  at(stage: Stage, now: number): AuditEvent {
    const { exchange, verdict } = this
    const agent = exchange.headers['user-agent']
    const userAgent = typeof agent === 'string' ? agent : ''
    return new AuditEvent({
      level: verdict.level as EventFacts['level'],
      auditID: exchange.auditId, stage, requestURI: exchange.target, verb: exchange.info.verb, user: this.user, impersonatedUser: this.impersonatedUser, impersonationConstraint: this.impersonationConstraint,
      sourceIPs: sourceIps(exchange),
      userAgent: userAgent.length > longestUserAgent ? `${userAgent.slice(0, longestUserAgent)}...TRUNCATED` : userAgent,
      objectRef: this.objectRef && { ...this.objectRef },
      responseStatus: this.status, requestObject: this.request, responseObject: this.response,
      requestReceived: this.received, stageReached: stage === 'RequestReceived' ? this.received : now,
      annotations: new Map(this.annotations),
    })
  }
}

function referenceOf({ info }: Exchange): ObjectReference | undefined {
  if (!info.isResource) return undefined
  const { resource, namespace, name, group, version, subresource } = info
  return {
    ...(resource ? { resource } : {}), ...(namespace ? { namespace } : {}), ...(name ? { name } : {}), ...(group ? { apiGroup: group } : {}),
    ...(version ? { apiVersion: version } : {}), ...(subresource ? { subresource } : {}),
  }
}

const isStatus = (object: unknown): object is Status => (object as { kind?: string }).kind === 'Status'

function boundedStatus({ status, message, reason, details, code }: Status): Partial<Status> {
  return {
    ...(status ? { status } : {}), ...(message ? { message } : {}), ...(reason ? { reason } : {}), ...(details ? { details } : {}), ...(code ? { code } : {}),
  }
}

/** The answer as JSON; nothing for streams and for what is no object. */
function answerText(result: Result, form: Form | undefined): string | undefined {
  const json = form?.contentType.startsWith('application/json') ? form : jsonForm
  if (result.sort === 'entry') return Buffer.from(json.single(result.kind, result.entry)).toString()
  if (result.sort === 'list') return Buffer.concat([...json.list(result)]).toString()
  return result.sort === 'object' ? JSON.stringify(result.object) : undefined
}

/** A copy that shares everything else: of an object, a list, or a table. */
function withoutManagers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { metadata, items, rows } = value as { metadata?: unknown; items?: unknown; rows?: unknown }
  const bare = typeof metadata === 'object' && metadata !== null && 'managedFields' in metadata ? { ...metadata, managedFields: undefined } : metadata
  return {
    ...value,
    ...(bare === metadata ? {} : { metadata: bare }),
    ...(Array.isArray(items) ? { items: items.map(withoutManagers) } : {}),
    ...(Array.isArray(rows) ? { rows: rows.map((row: { object?: unknown }) => ({ ...row, object: withoutManagers(row.object) })) } : {}),
  }
}
