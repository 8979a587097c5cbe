import type { Status } from '#apimachinery/meta/v1/types'
import type { UserInfo } from '../authentication/authenticator'

export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type Level = (typeof levels)[number]

export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type Stage = (typeof stages)[number]

export interface ObjectReference {
  resource?: string
  namespace?: string
  name?: string
  uid?: string
  apiGroup?: string
  apiVersion?: string
  resourceVersion?: string
  subresource?: string
}

/** What is known of a request at one stage of it; the wire form of `audit.k8s.io/v1` Event, less its objects' text. */
export interface EventFacts {
  readonly level: Exclude<Level, 'None'>
  readonly auditID: string
  readonly stage: Stage
  readonly requestURI: string
  readonly verb: string
  readonly user: UserInfo | undefined
  readonly impersonatedUser: UserInfo | undefined
  /** The verb of constrained impersonation that allowed it. */
  readonly impersonationConstraint?: string | undefined
  readonly sourceIPs: readonly string[]
  readonly userAgent: string
  readonly objectRef: ObjectReference | undefined
  readonly responseStatus: Partial<Status> | undefined
  /** JSON as text. */
  readonly requestObject: string | undefined
  readonly responseObject: string | undefined
  /** Milliseconds since 1970. */
  readonly requestReceived: number
  readonly stageReached: number
  readonly annotations: ReadonlyMap<string, string>
}

/** One event on its way to the backends, which share the text that is made of it. */
export class AuditEvent {
  readonly facts: EventFacts
  private text: string | undefined

  constructor(facts: EventFacts) {
    this.facts = facts
  }

  /** One JSON object, without a line break. */
  get json(): string {
    return (this.text ??= jsonOf(this.facts))
  }

  /** Without what the request and the answer carried, for backends that take no events of that size. */
  truncated(): AuditEvent {
    const annotations = new Map(this.facts.annotations).set('audit.k8s.io/truncated', 'true')
    return new AuditEvent({ ...this.facts, requestObject: undefined, responseObject: undefined, annotations })
  }
}

function jsonOf(facts: EventFacts): string {
  const { level, auditID, stage, requestURI, verb, impersonatedUser, sourceIPs, userAgent, objectRef, responseStatus, requestObject, responseObject } = facts
  const head = JSON.stringify({
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level, auditID, stage, requestURI, verb,
    user: userOf(facts.user),
    ...(impersonatedUser ? { impersonatedUser: userOf(impersonatedUser) } : {}),
    ...(facts.impersonationConstraint ? { authenticationMetadata: { impersonationConstraint: facts.impersonationConstraint } } : {}),
    ...(sourceIPs.length > 0 ? { sourceIPs } : {}),
    ...(userAgent === '' ? {} : { userAgent }),
    ...(objectRef ? { objectRef } : {}),
    ...(responseStatus ? { responseStatus: { metadata: {}, ...responseStatus } } : {}),
  }).slice(0, -1)
  const request = requestObject === undefined ? '' : `,"requestObject":${requestObject}`
  const response = responseObject === undefined ? '' : `,"responseObject":${responseObject}`
  const times = `,"requestReceivedTimestamp":"${microTime(facts.requestReceived)}","stageTimestamp":"${microTime(facts.stageReached)}"`
  const annotations = facts.annotations.size === 0 ? '' : `,"annotations":${JSON.stringify(sorted(facts.annotations))}`
  return `${head}${request}${response}${times}${annotations}}`
}

const sorted = (map: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))

function userOf(user: UserInfo | undefined): Record<string, unknown> {
  if (!user) return {}
  const { name, uid, groups, extra } = user
  return { username: name, ...(uid ? { uid } : {}), ...(groups.length > 0 ? { groups } : {}), ...(extra && Object.keys(extra).length > 0 ? { extra } : {}) }
}

/** metav1.MicroTime; the clock knows no more than milliseconds. */
const microTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`

/** The `legacy` format: one line for people. */
export function legacyLine({ requestReceived, auditID, stage, sourceIPs, verb, user, impersonatedUser, userAgent, objectRef, requestURI, responseStatus }: EventFacts): string {
  const list = (items: readonly string[]): string => items.map((item) => JSON.stringify(item)).join(',')
  const groups = user && user.name !== '' && user.groups.length > 0 ? list(user.groups) : '<none>'
  const fields = {
    id: auditID, stage, ip: sourceIPs[0] ?? '<unknown>', method: verb, user: user?.name || '<none>', groups, as: impersonatedUser?.name ?? '<self>',
    asgroups: impersonatedUser ? list(impersonatedUser.groups) : '<lookup>', 'user-agent': userAgent, namespace: objectRef?.namespace || '<none>', uri: requestURI,
  }
  const text = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')
  const time = new Date(requestReceived).toISOString().replace(/\.?0*Z$/, 'Z')
  return `${time} AUDIT: ${text} response="${responseStatus ? String(responseStatus.code ?? 0) : '<deferred>'}"`
}
