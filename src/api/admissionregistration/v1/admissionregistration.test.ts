import { expect, test } from 'vitest'
import { cells, created, refusals } from '../../testing/written'
import { mutatingadmissionpolicies } from './mutating-admission-policy'
import { mutatingadmissionpolicybindings } from './mutating-admission-policy-binding'
import { validatingadmissionpolicies } from './validating-admission-policy'
import { validatingadmissionpolicybindings } from './validating-admission-policy-binding'
import { validatingwebhookconfigurations } from './validating-webhook-configuration'

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const webhook = (more: object): object => ({
  webhooks: [{ name: 'a.example.com', clientConfig: { url: 'https://example.com/hook' }, sideEffects: 'None', admissionReviewVersions: ['v1'], rules: [rule], ...more }],
})
const at = 'webhooks[0].'

test.each<[string, object, string[]]>([
  ['nothing wrong', {}, []],
  ['resources that say the same twice', { rules: [{ ...rule, resources: ['pods/*', 'pods/log', '*/scale', 'deployments/scale', '*/*'] }] }, [
    `${at}rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
    `${at}rules[0].resources[3]: Invalid value: "deployments/scale": if '*/scale' is present, must not specify deployments/scale`,
    `${at}rules[0].resources: Invalid value: ["pods/*","pods/log","*/scale","deployments/scale","*/*"]: if '*/*' is present, must not specify other resources`,
  ]],
  ['all resources and one', { rules: [{ ...rule, resources: ['*', 'pods'] }] }, [
    `${at}rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
  ]],
  ['a path with holes', { clientConfig: { service: { namespace: 'ns', name: 'n', path: '/a//B' } } }, [
    `${at}clientConfig.service.path: Invalid value: "/a//B": segment[1] may not be empty`, expect.stringMatching(/segment\[2\]: a lowercase RFC 1123 subdomain/) as never,
  ]],
  ['a word too little', { sideEffects: '' }, [`${at}sideEffects: Unsupported value: "": supported values: "None", "NoneOnDryRun"`]],
  ['a path for a URL', { clientConfig: { url: 'a.b' } }, [
    `${at}clientConfig.url: Invalid value: "": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    `${at}clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]`,
  ]],
  ['too much in its URL', { clientConfig: { url: 'https://u:p@h:1/x?q#f' } }, [
    `${at}clientConfig.url: Invalid value: "u:p": user information is not permitted in the URL`, `${at}clientConfig.url: Invalid value: "f": fragments are not permitted in the URL`,
    `${at}clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL`,
  ]],
  ['no URL', { clientConfig: { url: 'https://h:x/' } }, [`${at}clientConfig.url: Required value: url must be a valid URL: parse "https://h:x/": invalid port ":x" after host; desired format: https://host[/path]`]],
  ['conditions without names and twice the same', { matchConditions: [{ name: '', expression: ' ' }, { name: 'a/b', expression: 'true' }, { name: 'a/b', expression: 'true' }] }, [
    `${at}matchConditions[0].expression: Required value`, `${at}matchConditions[0].name: Required value`, `${at}matchConditions[2].name: Duplicate value: "a/b"`,
  ]],
])('a webhook with %s', async (_name, more, expected) => {
  expect(await refusals(validatingwebhookconfigurations, webhook(more) as never)).toEqual(expected)
})

const policy = (spec: object): object => ({ metadata: { name: 'p.example.com' }, spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }], ...spec } })

test.each<[string, object, string[]]>([
  ['nothing wrong', {}, []],
  ['a kind of parameters that is none', { paramKind: { apiVersion: 'a/b/c' } }, ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c', 'spec.paramKind.kind: Required value']],
  ['empty words', { failurePolicy: '', matchConstraints: { matchPolicy: '', resourceRules: [rule] } }, [
    'spec.failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"', 'spec.matchConstraints.matchPolicy: Unsupported value: "": supported values: "Equivalent", "Exact"',
  ]],
  ['a variable that has no expression', { variables: [{ name: 'a', expression: '' }], validations: [{ expression: 'variables.a' }] }, [
    'spec.variables[0].expression: Required value: expression is not specified', expect.stringContaining("spec.validations[0].expression: Invalid value: \"variables.a\": compilation failed: ERROR: <input>:1:10: undefined field 'a'") as never,
  ]],
  ['variables where there are none', { validations: [{ expression: 'variables.a' }] }, [
    expect.stringContaining("compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables'") as never,
  ]],
  ['no rules', { matchConstraints: { matchPolicy: 'Loose' } }, [
    'spec.matchConstraints.matchPolicy: Unsupported value: "Loose": supported values: "Equivalent", "Exact"', 'spec.matchConstraints.resourceRules: Required value',
  ]],
  ['names twice', { matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a', 'b/c'] }] } }, [
    'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"', `spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain '/'`,
  ]],
  ['nothing to do', { validations: [] }, [
    'spec.validations: Required value: validations or auditAnnotations must contain at least one item', 'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
  ]],
  ['variables that cannot be named', { variables: [{ name: 'in', expression: '1' }, { name: '', expression: '' }] }, [
    'spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier', 'spec.variables[1].name: Required value: name is not specified', 'spec.variables[1].expression: Required value: expression is not specified',
  ]],
  ['messages of several lines and a reason of its own', { validations: [{ expression: 'true', message: 'a\nb', messageExpression: ' ', reason: 'Because' }] }, [
    'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified', 'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
    'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  ]],
  ['annotations twice', { auditAnnotations: [{ key: 'a', valueExpression: "'x'" }, { key: 'a', valueExpression: '' }] }, [
    'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified', 'spec.auditAnnotations[1].key: Duplicate value: "a"',
  ]],
])('a validating policy with %s', async (_name, spec, expected) => {
  expect(await refusals(validatingadmissionpolicies, policy(spec) as never)).toEqual(expected)
})

test('a mutating policy says when to ask again, changes nothing that is deleted, and has one sort of patch', async () => {
  const spec = {
    matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] },
    mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }, { patchType: 'Magic' }, { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
  }
  expect(await refusals(mutatingadmissionpolicies, { spec })).toEqual([
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    'spec.mutations[1].patchType: Unsupported value: "Magic": supported values: "ApplyConfiguration", "JSONPatch"', 'spec.reinvocationPolicy: Required value',
  ])
})

test.each<[string, object, string[]]>([
  ['unknown names', { validations: [{ expression: 'nope == 1' }] }, ["spec.validations[0].expression: Invalid value: \"nope == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n | nope == 1\n | ^"]],
  ['validations that are no yes or no', { validations: [{ expression: '1 + 1' }] }, ['spec.validations[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int']],
  ['parameters that it does not have', { validations: [{ expression: 'params.x' }] }, [expect.stringContaining("undeclared reference to 'params'") as never]],
  ['parameters', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: "params.data.x == 'y'", messageExpression: "'x: ' + params.data.x" }], matchConditions: [{ name: 'c', expression: 'has(params.data)' }] }, []],
  ['variables that build on each other', { variables: [{ name: 'a', expression: '1' }, { name: 'b', expression: 'variables.a + 1' }], validations: [{ expression: 'variables.b > 1' }] }, []],
  ['variables of other types', { variables: [{ name: 'a', expression: "'x'" }, { name: 'b', expression: 'variables.a + 1' }], validations: [{ expression: 'variables.a > 1' }, { expression: 'variables.c' }] }, [
    expect.stringContaining('spec.variables[1].expression: Invalid value: "variables.a + 1": compilation failed: ERROR: <input>:1:13: found no matching overload for \'_+_\' applied to \'(string, int)\'') as never,
    expect.stringContaining('spec.validations[0].expression') as never, expect.stringContaining("undefined field 'c'") as never,
  ]],
  ['conditions that name variables', { variables: [{ name: 'a', expression: '1' }], matchConditions: [{ name: 'c', expression: 'variables.a > 1' }] }, [expect.stringContaining("undeclared reference to 'variables'") as never]],
  ['messages that ask for permissions', { validations: [{ expression: 'true', messageExpression: "string(authorizer.path('/x').check('get').allowed())" }] }, [expect.stringContaining("undeclared reference to 'authorizer'") as never]],
  ['annotations of numbers', { auditAnnotations: [{ key: 'a', valueExpression: '1' }] }, ['spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int']],
])('expressions of a policy with %s', async (_name, spec, expected) => {
  expect(await refusals(validatingadmissionpolicies, policy(spec) as never)).toEqual(expected)
})

test('mutations give objects or operations', async () => {
  const mutations = (...all: [string, string][]): object => ({
    spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations: all.map(([patchType, expression]) => ({ patchType, [patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration']: { expression } })) },
  })
  expect(await refusals(mutatingadmissionpolicies, mutations(['ApplyConfiguration', "Object{metadata: Object.metadata{labels: {'a': 'b'}}}"], ['JSONPatch', "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'x'}]"]) as never)).toEqual([])
  expect(await refusals(mutatingadmissionpolicies, mutations(['ApplyConfiguration', "{'a': 'b'}"], ['JSONPatch', "JSONPatch{op: 'add'}"]) as never)).toEqual([
    'spec.mutations[0].applyConfiguration.expression: Invalid value: "{\'a\': \'b\'}": must evaluate to Object but got map(string, string)', expect.stringContaining('must evaluate to list(JSONPatch) but got JSONPatch'),
  ])
})

test('bindings name their policy and their parameters; actions are known and said once', async () => {
  expect(await refusals(validatingadmissionpolicybindings, { spec: { validationActions: ['Deny', 'Warn', 'Deny', 'Shout'], paramRef: { name: 'a', selector: {} } } } as never)).toEqual([
    'spec.policyName: Required value', 'spec.paramRef.name: Forbidden: name and selector are mutually exclusive', 'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Required value', 'spec.validationActions[2]: Duplicate value: "Deny"', 'spec.validationActions[3]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"',
    'spec.validationActions: Invalid value: ["Deny","Warn","Deny","Shout"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ])
  expect(await refusals(mutatingadmissionpolicybindings, { spec: { policyName: 'p', paramRef: { parameterNotFoundAction: 'Allow' } } } as never)).toEqual(['spec.paramRef: Required value: one of name or selector must be specified'])
})

test('bindings: nothing is left to change of what is deleted, and how parameters are shown', async () => {
  const binding = (spec: object): object => ({ spec: { policyName: 'p', ...spec } })
  expect(await refusals(mutatingadmissionpolicybindings, binding({ matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } }) as never)).toEqual([
    'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ])
  const selector = { matchLabels: { b: '1', a: '2' }, matchExpressions: [{ key: 'k', operator: 'In', values: ['x', 'y'] }] }
  const made = await created(mutatingadmissionpolicybindings, binding({ paramRef: { selector, parameterNotFoundAction: 'Deny' } }) as never)
  expect(cells(mutatingadmissionpolicybindings, made)['ParamRef']).toBe(
    '&LabelSelector{MatchLabels:map[string]string{a: 2,b: 1,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}',
  )
})
