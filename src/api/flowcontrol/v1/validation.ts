import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Label, isDns1123Subdomain } from '#apimachinery/names'
import { semanticallyEqual } from '../../semantic-equality'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './mandatory'
import type {
  FlowSchema, FlowSchemaSpec, LimitedPriorityLevelConfiguration, LimitResponse, NonResourcePolicyRule, PolicyRulesWithSubjects, PriorityLevelConfiguration, QueuingConfiguration,
  ResourcePolicyRule, Subject,
} from './types'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const maxQueues = 10_000_000
/** Bits of a flow's hash that its hand of queues is dealt from. */
const maxHashBits = 60
const preserveZeroShares = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

const say = (errors: FieldErrors, value: unknown, messages: readonly string[], before = ''): void => {
  for (const message of messages) errors.invalid(value, before + message)
}

export function validateFlowSchema({ metadata, spec, status }: FlowSchema, errors: FieldErrors): void {
  const at = errors.at('spec')
  const { matchingPrecedence, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec
  const precedence = at.at('matchingPrecedence')
  if (matchingPrecedence <= 0) precedence.invalid(matchingPrecedence, 'must be a positive value')
  if (matchingPrecedence > 10000) precedence.invalid(matchingPrecedence, 'must not be greater than 10000')
  if (matchingPrecedence === 1 && metadata.name !== 'exempt') precedence.invalid(matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1")
  if (distinguisherMethod && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type)) {
    at.at('distinguisherMethod', 'type').notSupported({ Type: distinguisherMethod.type }, ['ByNamespace', 'ByUser'])
  }
  const level = priorityLevelConfiguration?.name ?? ''
  if (level === '') at.at('priorityLevelConfiguration', 'name').required('must reference a priority level')
  else say(at.at('priorityLevelConfiguration', 'name'), level, isDns1123Subdomain(level))
  for (const [i, rule] of rules.entries()) validateRule(rule, at.at('rules', i))
  fixed(metadata.name, spec, mandatoryFlowSchemas, at)
  validateConditions(status.conditions, errors.at('status', 'conditions'))
}

function fixed(name: string, spec: FlowSchemaSpec, mandatory: Readonly<Record<string, FlowSchemaSpec>>, errors: FieldErrors): void {
  const wanted = mandatory[name]
  if (wanted && !semanticallyEqual(spec, wanted)) errors.invalid(spec, `spec of '${name}' must equal the fixed value`)
}

function validateRule(rules: PolicyRulesWithSubjects, errors: FieldErrors): void {
  const [subjects, resourceRules, nonResourceRules] = [rules.subjects ?? [], rules.resourceRules ?? [], rules.nonResourceRules ?? []]
  if (subjects.length === 0) errors.at('subjects').required('subjects must contain at least one value')
  for (const [i, subject] of subjects.entries()) validateSubject(subject, errors.at('subjects', i))
  if (resourceRules.length === 0 && nonResourceRules.length === 0) errors.required('at least one of resourceRules and nonResourceRules has to be non-empty')
  for (const [i, rule] of resourceRules.entries()) validateResourceRule(rule, errors.at('resourceRules', i))
  for (const [i, rule] of nonResourceRules.entries()) validateNonResourceRule(rule, errors.at('nonResourceRules', i))
}

const kindsOfSubjects = { serviceAccount: 'ServiceAccount', user: 'User', group: 'Group' } as const

function validateSubject(subject: Subject, errors: FieldErrors): void {
  const mine = Object.entries(kindsOfSubjects).find(([, kind]) => kind === subject.kind)?.[0] as keyof typeof kindsOfSubjects | undefined
  if (!mine) return errors.at('kind').notSupported(subject.kind, ['Group', 'ServiceAccount', 'User'])
  const at = errors.at(mine)
  if (!subject[mine]) at.required(`${mine} is required when subject kind is '${subject.kind}'`)
  else if (mine === 'serviceAccount') {
    const { name, namespace } = subject.serviceAccount!
    if (!name) at.at('name').required()
    else if (name !== '*') say(at.at('name'), name, isDns1123Subdomain(name))
    if (namespace) say(at.at('namespace'), namespace, isDns1123Label(namespace))
    else at.at('namespace').required('must specify namespace for service account')
  } else if (!subject[mine]?.name) at.at('name').required()
  for (const other of ['serviceAccount', 'user', 'group'] as const) {
    if (other !== mine && subject[other]) errors.at(other).forbidden(`${other} is forbidden when subject kind is not '${kindsOfSubjects[other]}'`)
  }
}

function validateVerbs(given: readonly string[] | undefined, errors: FieldErrors): void {
  if (!given?.length) errors.required('verbs must contain at least one value')
  else if (given.includes('*')) {
    if (given.length > 1) errors.invalid(given, "if '*' is present, must not specify other verbs")
  } else if (!given.every((verb) => verbs.includes(verb))) errors.notSupported(given, verbs)
}

const alone = (given: readonly string[], what: string, errors: FieldErrors): void => {
  if (given.includes('*') && given.length > 1) errors.invalid(given, `if '*' is present, must not specify other ${what}`)
}

function validateNonResourceRule({ verbs: given, nonResourceURLs: urls }: NonResourcePolicyRule, errors: FieldErrors): void {
  validateVerbs(given, errors.at('verbs'))
  const at = errors.at('nonResourceURLs')
  if (!urls?.length) at.required('nonResourceURLs must contain at least one value')
  else if (urls.includes('*')) alone(urls, 'non-resource URLs', at)
  else for (const [i, url] of urls.entries()) validateUrl(url, at.at(i))
}

function validateUrl(url: string, errors: FieldErrors): void {
  if (url === '/') return
  const wildcards = url.split('*').length - 1
  if (url === '') errors.invalid(url, 'must not be empty')
  else if (!url.startsWith('/')) errors.invalid(url, 'must start with slash')
  else if (url.includes(' ')) errors.invalid(url, 'must not contain white-space')
  else if (url.includes('//')) errors.invalid(url, 'must not contain double slash')
  else if (wildcards > 1 || (wildcards === 1 && !url.endsWith('/*'))) errors.invalid(url, 'wildcard can only do suffix matching')
}

function validateResourceRule({ verbs: given, apiGroups, resources, clusterScope, namespaces = [] }: ResourcePolicyRule, errors: FieldErrors): void {
  validateVerbs(given, errors.at('verbs'))
  if (!apiGroups?.length) errors.at('apiGroups').required('resource rules must supply at least one api group')
  else alone(apiGroups, 'api groups', errors.at('apiGroups'))
  if (!resources?.length) errors.at('resources').required('resource rules must supply at least one resource')
  else alone(resources, 'resources', errors.at('resources'))
  const at = errors.at('namespaces')
  if (!namespaces?.length && !clusterScope) at.required('resource rules that are not cluster scoped must supply at least one namespace')
  else if (namespaces?.includes('*')) alone(namespaces, 'namespaces', at)
  else for (const [i, namespace] of (namespaces ?? []).entries()) say(at.at(i), namespace, isDns1123Label(namespace), "each member of this list must be '*' or a DNS-1123 label; ")
}

export function validateConditions(conditions: readonly { type?: string }[] = [], errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [i, { type = '' }] of conditions.entries()) {
    const at = errors.at(i, 'type')
    if (seen.has(type)) at.duplicate(type)
    seen.add(type)
    if (type === '') at.required()
  }
}

export function validatePriorityLevel({ metadata, spec, status }: PriorityLevelConfiguration, errors: FieldErrors): void {
  if (metadata.annotations?.[preserveZeroShares] !== undefined) errors.at('metadata', 'annotations').forbidden(`annotation '${preserveZeroShares}' is forbidden`)
  const at = errors.at('spec')
  const { type, limited, exempt } = spec
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) at.at('type').invalid(type, "must be 'Exempt' if and only if `name` is 'exempt'")
  if (type === 'Exempt') {
    if (limited) at.at('limited').forbidden('must be nil if the type is not Limited')
    if (exempt) validateShares(exempt, at.at('exempt'))
  } else if (type === 'Limited') {
    if (exempt) at.at('exempt').forbidden('must be nil if the type is Limited')
    if (limited) validateLimited(limited, at.at('limited'))
    else at.at('limited').required('must not be empty when type is Limited')
  } else at.at('type').notSupported(type, ['Exempt', 'Limited'])
  const wanted = mandatoryPriorityLevels[metadata.name]
  // Of `exempt` the shares may be changed.
  if (metadata.name === 'exempt' && wanted && !semanticallyEqual({ ...spec, exempt: wanted.exempt }, wanted)) {
    at.invalid(spec, "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")
  } else if (metadata.name !== 'exempt' && wanted && !semanticallyEqual(spec, wanted)) at.invalid(spec, `spec of '${metadata.name}' must equal the fixed value`)
  validateConditions(status.conditions, errors.at('status', 'conditions'))
}

function validateShares({ nominalConcurrencyShares: shares, lendablePercent: lendable }: { nominalConcurrencyShares?: number; lendablePercent?: number }, errors: FieldErrors): void {
  if (shares !== undefined && shares < 0) errors.at('nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer')
  if (lendable !== undefined && (lendable < 0 || lendable > 100)) errors.at('lendablePercent').invalid(lendable, 'must be between 0 and 100, inclusive')
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, errors: FieldErrors): void {
  const { nominalConcurrencyShares: shares, limitResponse, lendablePercent: lendable, borrowingLimitPercent: borrowing } = limited
  if (shares !== undefined && shares < 0) errors.at('nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer')
  validateLimitResponse(limitResponse, errors.at('limitResponse'))
  validateShares(lendable === undefined ? {} : { lendablePercent: lendable }, errors)
  if (borrowing !== undefined && borrowing < 0) errors.at('borrowingLimitPercent').invalid(borrowing, 'if specified, must be a non-negative integer')
}

function validateLimitResponse({ type, queuing }: LimitResponse, errors: FieldErrors): void {
  const at = errors.at('queuing')
  if (type === 'Reject') {
    if (queuing) at.forbidden('must be nil if limited.limitResponse.type is not Limited')
  } else if (type === 'Queue') {
    if (queuing) validateQueuing(queuing, at)
    else at.required('must not be empty if limited.limitResponse.type is Limited')
  } else errors.at('type').notSupported(type, ['Queue', 'Reject'])
}

function validateQueuing({ queues, handSize, queueLengthLimit }: QueuingConfiguration, errors: FieldErrors): void {
  if (queueLengthLimit <= 0) errors.at('queueLengthLimit').invalid(queueLengthLimit, 'must be positive')
  if (queues <= 0) errors.at('queues').invalid(queues, 'must be positive')
  else if (queues > maxQueues) errors.at('queues').invalid(queues, `must not be greater than ${maxQueues}`)
  const at = errors.at('handSize')
  const bits = Math.ceil(Math.log2(queues) * handSize)
  if (handSize <= 0) at.invalid(handSize, 'must be positive')
  else if (handSize > queues) at.invalid(handSize, `should not be greater than queues (${queues})`)
  else if (bits > maxHashBits) at.invalid(handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`)
}
