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

/** Asked in order until one allows or denies; nobody's opinion is a refusal, with the reasons of all, a line each. */
export function authorizeInOrder(authorizers: readonly Authorizer[]): Authorizer {
  const from = (index: number, attributes: Attributes, reasons: string): Decision | Promise<Decision> => {
    for (let i = index; i < authorizers.length; i++) {
      const decision = authorizers[i]!.authorize(attributes)
      if (decision instanceof Promise) {
        return decision.then((settled) => (settled.verdict === 'no-opinion' ? from(i + 1, attributes, joined(reasons, settled.reason)) : settled))
      }
      if (decision.verdict !== 'no-opinion') return decision
      if (decision.reason !== '') reasons = joined(reasons, decision.reason)
    }
    return reasons === '' ? undecided : { verdict: 'no-opinion', reason: reasons }
  }
  return { authorize: (attributes) => from(0, attributes, '') }
}

const joined = (before: string, reason: string): string => (before === '' ? reason : reason === '' ? before : `${before}\n${reason}`)

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
