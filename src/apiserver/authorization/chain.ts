import { mastersGroup } from '../authentication/users'
import type { Attributes, Authorizer, Decision, RuleResolver } from './authorizer'

/** Members of `system:masters` may do everything, before anybody is asked: the server's own calls come by here too. */
export const superusers: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(mastersGroup) ? allowed : undecided),
}

/** `--authorization-mode=AlwaysAllow` */
export const alwaysAllow: Authorizer & RuleResolver = {
  authorize: () => allowed,
  rulesFor: () => ({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }], incomplete: false,
  }),
}

/** `--authorization-mode=AlwaysDeny` */
export const alwaysDeny: Authorizer & RuleResolver = {
  authorize: () => ({ verdict: 'no-opinion', reason: 'Everything is forbidden.' }),
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
}

const allowed: Decision = { verdict: 'allow', reason: '' }
const undecided: Decision = { verdict: 'no-opinion', reason: '' }

/** Asked in order until one allows or denies; nobody's opinion is a refusal, with the reasons and errors of all. */
export function authorizeInOrder(authorizers: readonly Authorizer[]): Authorizer {
  const from = (index: number, attributes: Attributes, before: Decision): Decision | Promise<Decision> => {
    for (let i = index; i < authorizers.length; i++) {
      const decision = authorizers[i]!.authorize(attributes)
      if (decision instanceof Promise) {
        const settledBefore = before
        return decision.then((settled) => (settled.verdict === 'no-opinion' ? from(i + 1, attributes, both(settledBefore, settled)) : settled))
      }
      if (decision.verdict !== 'no-opinion') return decision
      before = both(before, decision)
    }
    return before
  }
  return { authorize: (attributes) => from(0, attributes, undecided) }
}

/** Two that have no opinion: reasons a line each, errors as a list. */
function both(before: Decision, now: Decision): Decision {
  if (now.reason === '' && now.error === undefined) return before
  if (before === undecided) return now
  const reason = [before.reason, now.reason].filter((text) => text !== '').join('\n')
  const errors = [before.error, now.error].filter((text) => text !== undefined)
  return { verdict: 'no-opinion', reason, ...(errors.length > 0 ? { error: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` } : {}) }
}

/** The rules of several authorizers together. */
export function resolveAll(resolvers: readonly RuleResolver[]): RuleResolver {
  return {
    rulesFor(user, namespace) {
      const all = resolvers.map((resolver) => resolver.rulesFor(user, namespace))
      const errors = all.flatMap(({ evaluationError }) => evaluationError ?? [])
      return {
        resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
        nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
        incomplete: all.some(({ incomplete }) => incomplete),
        ...(errors.length > 0 ? { evaluationError: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` } : {}),
      }
    },
  }
}
