import { nameIsDnsLabel, nameIsDnsSubdomain } from '../../names'
import { fail, noSuchOverload } from '../runtime/errors'
import { Opaque } from '../runtime/values'
import { each, type FunctionDeclaration } from './overload'

/** What an expression asks. Without `serviceAccount` it is asked for the user of the request. */
export interface AuthorizationQuestion {
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly verb: string
  readonly path?: string
  readonly resource?: {
    readonly group: string
    readonly resource: string
    readonly subresource: string
    readonly namespace: string
    readonly name: string
    readonly fieldSelector: string
    readonly labelSelector: string
  }
}

export interface AuthorizationAnswer {
  readonly verdict: 'allow' | 'deny' | 'no-opinion'
  readonly reason: string
  readonly error?: string
}

/** What stands behind the variable `authorizer`. */
export type Ask = (question: AuthorizationQuestion) => AuthorizationAnswer | Promise<AuthorizationAnswer>

/** Thrown out of an evaluation that needs an answer that is not there yet: see `answered`. */
export class AnswerPending extends Error {
  override readonly name = 'AnswerPending'
  readonly answer: Promise<unknown>
  constructor(answer: Promise<unknown>) {
    super('an authorizer has not answered yet')
    this.answer = answer
  }
}

/** Values of this library are not compared: nothing would be meant by it. */
abstract class Check extends Opaque {
  equals(): boolean {
    return noSuchOverload()
  }
}

type Answers = Map<string, AuthorizationAnswer>
type Resource = NonNullable<AuthorizationQuestion['resource']>

class AuthorizerValue extends Check {
  readonly typeName = 'kubernetes.authorization.Authorizer'
  readonly ask: (question: AuthorizationQuestion) => DecisionValue
  constructor(ask: (question: AuthorizationQuestion) => DecisionValue) {
    super()
    this.ask = ask
  }
}

class PathCheck extends Check {
  readonly typeName = 'kubernetes.authorization.PathCheck'
  readonly authorizer: AuthorizerValue
  readonly path: string
  constructor(authorizer: AuthorizerValue, path: string) {
    super()
    this.authorizer = authorizer
    this.path = path
  }
}

class GroupCheck extends Check {
  readonly typeName = 'kubernetes.authorization.GroupCheck'
  readonly authorizer: AuthorizerValue
  readonly group: string
  constructor(authorizer: AuthorizerValue, group: string) {
    super()
    this.authorizer = authorizer
    this.group = group
  }
}

class ResourceCheck extends Check {
  readonly typeName = 'kubernetes.authorization.ResourceCheck'
  readonly authorizer: AuthorizerValue
  readonly resource: Resource
  constructor(authorizer: AuthorizerValue, resource: Resource) {
    super()
    this.authorizer = authorizer
    this.resource = resource
  }
  with(part: Partial<Resource>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.resource, ...part })
  }
}

class DecisionValue extends Check {
  readonly typeName = 'kubernetes.authorization.Decision'
  readonly answer: AuthorizationAnswer
  constructor(answer: AuthorizationAnswer) {
    super()
    this.answer = answer
  }
}

/** The value of the variable `authorizer`, for one request: each question is asked once. */
export function authorizerValue(ask: Ask): Opaque {
  const answers: Answers = new Map()
  return new AuthorizerValue((question) => {
    const key = JSON.stringify(question)
    const known = answers.get(key)
    if (known) return new DecisionValue(known)
    const answer = ask(question)
    if (answer instanceof Promise) throw new AnswerPending(answer.then((given) => void answers.set(key, given)))
    answers.set(key, answer)
    return new DecisionValue(answer)
  })
}

/** The value of `authorizer.requestResource`: the check of what a request is about. */
export function requestResourceValue(authorizer: Opaque, resource: Omit<Resource, 'fieldSelector' | 'labelSelector'>): Opaque {
  return new ResourceCheck(authorizer as AuthorizerValue, { ...resource, fieldSelector: '', labelSelector: '' })
}

/** Evaluates again each time an authorizer has answered later. */
export async function answered<T>(evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate()
    } catch (error) {
      if (!(error instanceof AnswerPending)) throw error
      await error.answer
    }
  }
}

function serviceAccount({ ask }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (nameIsDnsSubdomain(name, false).length > 0) fail('Invalid service account name')
  if (nameIsDnsLabel(namespace, false).length > 0) fail('Invalid service account namespace')
  return new AuthorizerValue((question) => ask({ ...question, serviceAccount: { namespace, name } }))
}

function resource({ authorizer, group }: GroupCheck, name: string): ResourceCheck {
  if (name.trim() === '') fail('resource must not be empty')
  return new ResourceCheck(authorizer, { group, resource: name, subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' })
}

const prefix = 'kubernetes.authorization.'
const narrowed = (part: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector', id: string): FunctionDeclaration =>
  each(part, { [id]: [`${prefix}ResourceCheck.(string) -> ${prefix}ResourceCheck`, (check: ResourceCheck, value: string) => check.with({ [part]: value })] })

export const authorizers: readonly FunctionDeclaration[] = [
  each('path', { authorizer_path: [`${prefix}Authorizer.(string) -> ${prefix}PathCheck`, (authorizer: AuthorizerValue, path: string) =>
    (path.trim() === '' ? fail('path must not be empty') : new PathCheck(authorizer, path))] }),
  each('group', { authorizer_group: [`${prefix}Authorizer.(string) -> ${prefix}GroupCheck`, (authorizer: AuthorizerValue, group: string) => new GroupCheck(authorizer, group)] }),
  each('serviceAccount', { authorizer_serviceaccount: [`${prefix}Authorizer.(string, string) -> ${prefix}Authorizer`, serviceAccount] }),
  each('resource', { groupcheck_resource: [`${prefix}GroupCheck.(string) -> ${prefix}ResourceCheck`, resource] }),
  narrowed('subresource', 'resourcecheck_subresource'),
  narrowed('namespace', 'resourcecheck_namespace'),
  narrowed('name', 'resourcecheck_name'),
  narrowed('fieldSelector', 'authorizer_fieldselector'),
  narrowed('labelSelector', 'authorizer_labelselector'),
  each('check', {
    pathcheck_check: [`${prefix}PathCheck.(string) -> ${prefix}Decision`, ({ authorizer, path }: PathCheck, verb: string) => authorizer.ask({ verb, path })],
    resourcecheck_check: [`${prefix}ResourceCheck.(string) -> ${prefix}Decision`,
      ({ authorizer, resource: asked }: ResourceCheck, verb: string) => authorizer.ask({ verb, resource: asked })],
  }),
  each('errored', { decision_errored: [`${prefix}Decision.() -> bool`, ({ answer }: DecisionValue) => answer.error !== undefined] }),
  each('error', { decision_error: [`${prefix}Decision.() -> string`, ({ answer }: DecisionValue) => answer.error ?? ''] }),
  each('allowed', { decision_allowed: [`${prefix}Decision.() -> bool`, ({ answer }: DecisionValue) => answer.verdict === 'allow'] }),
  each('reason', { decision_reason: [`${prefix}Decision.() -> string`, ({ answer }: DecisionValue) => answer.reason] }),
]
