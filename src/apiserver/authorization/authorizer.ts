import type { UserInfo } from '../authentication/authenticator'
import type { RequestInfo } from '../request-info'

/** What is asked for; access reviews ask without a request. */
export type Attributes = Pick<RequestInfo, 'isResource' | 'verb' | 'path' | 'group' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name'> & {
  readonly user: UserInfo
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'no-opinion'
  readonly reason: string
  /** What kept an authorizer from finding out. Whoever is not allowed then hears that the server failed, not that it refused. */
  readonly error?: string
}

/** Asked in order until one allows or denies; synchronous where it can be, since every request comes by. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>
}

/** An authorizer that can also list what a user may do (SelfSubjectRulesReview). */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): {
    resourceRules: { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[] }[]
    nonResourceRules: { verbs: string[]; nonResourceURLs?: string[] }[]
    incomplete: boolean
    evaluationError?: string
  }
}
