import { messageOf } from '#base/error-message'
import { isDomainPrefixedPath, nameIsDnsSubdomain } from '#apimachinery/names'
import type { Attributes, Authorizer } from '../authorization/authorizer'
import { forbiddenError } from '../authorization/forbidden'
import type { UserInfo } from './authenticator'
import { anonymousName, authenticatedGroup, mastersGroup, nodesGroup, serviceAccountGroups, serviceAccountOf, unauthenticatedGroup } from './users'

/** As whom a request goes on, and the verb that was allowed; empty for the one that allows every request. */
export interface Impersonated {
  readonly user: UserInfo
  readonly constraint: string
}

/** One way to be allowed to be somebody else. */
export interface ImpersonationMode {
  /** For metrics and the order of trying. */
  readonly name: string
  /** Undefined: this way does not lead to such a user. Throws an ApiError 403 that names what is not allowed. */
  check(wanted: UserInfo, request: Attributes): Promise<Impersonated> | undefined
}

/** How a mode looks at names and at what may be asked for. */
interface Rules {
  readonly verb: string
  readonly constrained: boolean
  /** Of users and groups. */
  readonly group: string
}

/**
 * The ways, the narrowest first: the four of constrained impersonation, which ask about the user (`impersonate:user-info`) and about what is
 * done as that user (`impersonate-on:user-info:list`), and the one that there always was (`impersonate`).
 */
export function impersonationModes(authorizer: Authorizer, narrow: boolean): readonly ImpersonationMode[] {
  const legacy: ImpersonationMode = { name: 'legacy', check: (wanted, request) => become(wanted, request.user, { verb: 'impersonate', constrained: false, group: '' }, authorizer) }
  if (!narrow) return [legacy]
  return [
    constrained('associated-node', associatedNode(authorizer), (wanted, requestor) => {
      const node = nodeIn(wanted.name)
      const of = requestor.extra?.['authentication.kubernetes.io/node-name']
      return onlyName(wanted) && node !== undefined && serviceAccountOf(requestor.name) !== undefined && of?.length === 1 && of[0] === node
    }),
    constrained('arbitrary-node', authorizer, (wanted) => onlyName(wanted) && nodeIn(wanted.name) !== undefined),
    constrained('serviceaccount', authorizer, (wanted) => onlyName(wanted) && serviceAccountOf(wanted.name) !== undefined),
    constrained('user-info', authorizer, ({ name }) => nodeIn(name) === undefined && serviceAccountOf(name) === undefined),
    legacy,
  ]
}

function constrained(name: string, authorizer: Authorizer, applies: (wanted: UserInfo, requestor: UserInfo) => boolean): ImpersonationMode {
  return {
    name,
    check(wanted, request) {
      if (!applies(wanted, request.user)) return undefined
      return (async () => {
        await require(authorizer, { ...request, verb: `impersonate-on:${name}:${request.verb}` })
        return become(wanted, request.user, { verb: `impersonate:${name}`, constrained: true, group: 'authentication.k8s.io' }, authorizer)
      })()
    },
  }
}

/**
 * A pod's service account as its own node: authorizers are asked about any node, and without what tells the pods of one account apart. That
 * it is the pod's own was looked at before.
 */
function associatedNode(authorizer: Authorizer): Authorizer {
  return {
    authorize(attributes) {
      const { user, verb } = attributes
      const extra = { 'authentication.kubernetes.io/associated-node-keys': Object.keys(user.extra ?? {}).sort() }
      return authorizer.authorize({ ...attributes, user: { ...user, extra }, ...(verb === 'impersonate:associated-node' ? { name: '*' } : {}) })
    },
  }
}

const onlyName = ({ uid, groups, extra }: UserInfo): boolean => !uid && groups.length === 0 && Object.keys(extra ?? {}).length === 0

function nodeIn(user: string): string | undefined {
  const name = user.startsWith('system:node:') ? user.slice('system:node:'.length) : ''
  return name !== '' && nameIsDnsSubdomain(name, false).length === 0 ? name : undefined
}

/** From this many on, everything is asked for at once first. */
const many = 4

/** Each part of the wanted identity must be allowed by itself. */
async function become(wanted: UserInfo, requestor: UserInfo, rules: Rules, authorizer: Authorizer): Promise<Impersonated> {
  const { verb, constrained: narrow } = rules
  const asked = (group: string, resource: string, more: Partial<Attributes>): Attributes =>
    ({ isResource: true, verb, path: '', group, version: 'v1', resource, subresource: '', namespace: '', name: '', user: requestor, ...more })
  const ask = (attributes: Attributes): Promise<void> => require(authorizer, attributes)
  const { name, uid, groups, extra = {} } = wanted

  const node = narrow ? nodeIn(name) : undefined
  const account = serviceAccountOf(name)
  if (node !== undefined) await ask(asked(rules.group, 'nodes', { name: node }))
  else if (account) await ask(asked(rules.group, 'serviceaccounts', account))
  else await ask(asked(rules.group, 'users', { name }))

  if (uid) await ask(asked('authentication.k8s.io', 'uids', { name: uid }))

  const group = (value: string): Attributes => asked(rules.group, 'groups', { name: value })
  if (narrow && groups.includes('')) throw forbiddenError(group(''), 'impersonating the empty string group is not allowed')
  if (narrow && groups.includes(mastersGroup)) throw forbiddenError(group(mastersGroup), 'impersonating the system:masters group is not allowed')
  if (!(narrow && groups.length >= many && (await mayAll(authorizer, group('*'))))) for (const value of groups) await ask(group(value))

  const extras = (subresource: string, value: string): Attributes => asked('authentication.k8s.io', 'userextras', { subresource, name: value })
  const problem = narrow ? extraProblem(extra) : undefined
  if (problem) throw forbiddenError(extras('', ''), problem)
  const values = Object.values(extra)
  const large = values.length >= many || values.reduce((sum, list) => sum + list.length, 0) >= many
  if (!(narrow && large && (await mayAll(authorizer, extras('*', '*'))))) for (const [key, list] of Object.entries(extra)) for (const value of list) await ask(extras(key, value))

  const own = node !== undefined ? [nodesGroup] : groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups
  return { user: { ...wanted, groups: withEverybody(name, own) }, constraint: narrow ? verb : '' }
}

function withEverybody(name: string, groups: readonly string[]): readonly string[] {
  const add = name === anonymousName ? unauthenticatedGroup : groups.includes(unauthenticatedGroup) ? undefined : authenticatedGroup
  return add === undefined || groups.includes(add) ? groups : [...groups, add]
}

function extraProblem(extra: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    const [wrong] = isDomainPrefixedPath(key)
    if (wrong) return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${JSON.stringify(wrong.value)}: ${wrong.message}`
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`
    if (values.length === 0) return 'impersonating empty values in extra is not allowed'
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}

async function mayAll(authorizer: Authorizer, attributes: Attributes): Promise<boolean> {
  return (await authorizer.authorize(attributes)).verdict === 'allow'
}

async function require(authorizer: Authorizer, attributes: Attributes): Promise<void> {
  const { verdict, reason, error } = await authorizer.authorize(attributes)
  if (verdict === 'allow') return
  throw forbiddenError(attributes, error === undefined ? reason : reason === '' ? messageOf(error) : `${error}: ${reason}`)
}
