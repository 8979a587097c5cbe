import { describe, expect, test } from 'vitest'
import { created, refusals } from '../../testing/written'
import { flowschemas } from './flow-schema'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './mandatory'
import { prioritylevelconfigurations } from './priority-level-configuration'

const rule = { subjects: [{ kind: 'User', user: { name: 'ann' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }
const schema = (spec: object, name = 'mine') => ({ metadata: { name, namespace: '' }, spec: { priorityLevelConfiguration: { name: 'global-default' }, rules: [rule], ...spec } })
const subject = (given: object) => schema({ rules: [{ ...rule, subjects: [given] }] })
const resource = (given: object) => schema({ rules: [{ subjects: rule.subjects, resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['a'], ...given }] }] })
const url = (nonResourceURLs: string[], verbs = ['get']) => schema({ rules: [{ subjects: rule.subjects, nonResourceRules: [{ verbs, nonResourceURLs }] }] })

describe('FlowSchema', () => {
  test.each<[object, string[]]>([
    [schema({}), []],
    [schema({ matchingPrecedence: -1 }), ['spec.matchingPrecedence: Invalid value: -1: must be a positive value']],
    [schema({ matchingPrecedence: 10001 }), ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000']],
    [schema({ matchingPrecedence: 1 }), ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"]],
    [schema({ distinguisherMethod: { type: 'ByHat' } }), ['spec.distinguisherMethod.type: Unsupported value: {"Type":"ByHat"}: supported values: "ByNamespace", "ByUser"']],
    [schema({ priorityLevelConfiguration: { name: '' } }), ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
    [schema({ rules: [{ subjects: [] }] }), ['spec.rules[0].subjects: Required value: subjects must contain at least one value', 'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty']],
    [subject({ kind: 'Dog' }), ['spec.rules[0].subjects[0].kind: Unsupported value: "Dog": supported values: "Group", "ServiceAccount", "User"']],
    [subject({ kind: 'User' }), ["spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'"]],
    [subject({ kind: 'User', user: { name: 'a' }, group: { name: 'b' } }), ["spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'"]],
    [subject({ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: '' } }), ['spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account']],
    [subject({ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } }), []],
    [resource({}), []],
    [resource({ verbs: ['get', '*'] }), ['spec.rules[0].resourceRules[0].verbs: Invalid value: ["get","*"]: if \'*\' is present, must not specify other verbs']],
    [resource({ verbs: ['fly'] }), ['spec.rules[0].resourceRules[0].verbs: Unsupported value: ["fly"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"']],
    [resource({ apiGroups: ['*', 'apps'] }), ['spec.rules[0].resourceRules[0].apiGroups: Invalid value: ["*","apps"]: if \'*\' is present, must not specify other api groups']],
    [resource({ namespaces: [] }), ['spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace']],
    [resource({ namespaces: [], clusterScope: true }), []],
    [url(['/healthz', '/debug/*']), []],
    [url(['healthz']), ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "healthz": must start with slash']],
    [url(['/a*']), ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*": wildcard can only do suffix matching']],
    [url(['/a//b']), ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a//b": must not contain double slash']],
    [{ metadata: { name: 'catch-all', namespace: '' }, spec: mandatoryFlowSchemas['catch-all'] }, []],
  ])('%j', async (body, expected) => {
    expect(await refusals(flowschemas, body as never)).toEqual(expected)
  })

  test('what everybody needs cannot be changed', async () => {
    const [refusal] = await refusals(flowschemas, schema({ matchingPrecedence: 5000 }, 'catch-all'))
    expect(refusal).toMatch(/^spec: Invalid value: \{.*: spec of 'catch-all' must equal the fixed value$/)
  })
})

const level = (spec: object, name = 'mine') => ({ metadata: { name, namespace: '' }, spec })
const queuing = (given: object) => level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 6, queueLengthLimit: 50, ...given } } } })

describe('PriorityLevelConfiguration', () => {
  test.each<[object, string[]]>([
    [queuing({}), []],
    [level({ type: 'Fast' }), ['spec.type: Unsupported value: "Fast": supported values: "Exempt", "Limited"']],
    [level({ type: 'Exempt' }), ["spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"]],
    [level({ type: 'Limited' }), ['spec.limited: Required value: must not be empty when type is Limited']],
    [level({ type: 'Limited', limited: { limitResponse: { type: 'Reject', queuing: {} } } }), ['spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited']],
    [level({ type: 'Limited', limited: { limitResponse: { type: 'Queue' } } }), ['spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited']],
    [level({ type: 'Limited', limited: { nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1, limitResponse: { type: 'Reject' } } }), [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer', 'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ]],
    [queuing({ handSize: 65 }), ['spec.limited.limitResponse.queuing.handSize: Invalid value: 65: should not be greater than queues (64)']],
    [queuing({ handSize: 11 }), ['spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60']],
    [queuing({ queues: 10_000_001 }), ['spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000', 'spec.limited.limitResponse.queuing.handSize: Invalid value: 6: required entropy bits of deckSize 10000001 and handSize 6 should not be greater than 60']],
    [level({ type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 50 } }, 'exempt'), []],
    [level(mandatoryPriorityLevels['catch-all']!, 'catch-all'), []],
  ])('%j', async (body, expected) => {
    const found = await refusals(prioritylevelconfigurations, body as never)
    expect(found.filter((text) => !text.startsWith('spec: '))).toEqual(expected)
  })

  test('of catch-all nothing may be changed', async () => {
    const body = level({ type: 'Limited', limited: { nominalConcurrencyShares: 6, limitResponse: { type: 'Reject' }, lendablePercent: 0 } }, 'catch-all')
    expect((await refusals(prioritylevelconfigurations, body))[0]).toContain("spec of 'catch-all' must equal the fixed value")
  })
})

test('no shares at all are a number of shares', async () => {
  const level = (limited: object) => created(prioritylevelconfigurations, { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...limited } } })
  expect((await level({})).spec.limited!.nominalConcurrencyShares).toBe(30)
  expect((await level({ nominalConcurrencyShares: 0 })).spec.limited!.nominalConcurrencyShares).toBe(0)
})
