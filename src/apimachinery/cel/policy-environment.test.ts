import { describe, expect, it } from 'vitest'
import { objectType, int, string } from './object-type'
import { answered, authorizerValue, requestResourceValue, type AuthorizationQuestion } from './library/authorizer'
import { checkPlaces } from './patch-types'
import { composeVariables, policyEnvironment } from './policy-environment'
import { toJson } from './runtime/to-json'

const object = { metadata: { name: 'web', labels: { app: 'x' } }, spec: { replicas: 7 } }
const budgetOf = (): { left: number } => ({ left: 10_000_000 })

describe('the environment of policies', () => {
  it('knows requests, and nothing that was not asked for', () => {
    const environment = policyEnvironment()
    const held = environment.compile("request.operation == 'CREATE' && 'devs' in request.userInfo.groups && object.spec.replicas < 10")
    expect(held.evaluate({ object, request: { operation: 'CREATE', userInfo: { groups: ['devs'] } } }, budgetOf())).toBe(true)
    expect(() => environment.compile('request.object')).toThrow("undefined field 'object'")
    expect(() => environment.compile('params.x')).toThrow("undeclared reference to 'params'")
    expect(() => environment.compile('authorizer.group("")')).toThrow("undeclared reference to 'authorizer'")
    expect(policyEnvironment()).toBe(environment)
  })

  it('evaluates variables when they are read, and once', () => {
    const { environment, values, faults } = composeVariables(policyEnvironment(), [
      { name: 'replicas', expression: 'object.spec.replicas' }, { name: 'double', expression: 'variables.replicas * 2' },
      { name: 'broken', expression: '1 / 0' }, { name: 'unknown', expression: 'nothing' },
    ])
    expect(faults.map((fault) => fault?.message.split('\n')[0])).toEqual([undefined, undefined, undefined, "ERROR: <input>:1:1: undeclared reference to 'nothing' (in container '')"])
    let reads = 0
    const activation = {
      object: () => {
        reads++
        return object
      },
    }
    const budget = budgetOf()
    const variables = values(activation, budget)
    const evaluate = (expression: string): unknown => environment.compile(expression).evaluate({ ...activation, variables }, budget)
    expect(reads).toBe(0)
    expect(evaluate('variables.double + variables.double + variables.replicas')).toBe(35)
    expect(reads).toBe(1)
    expect(() => evaluate('variables.broken')).toThrow('composited variable "broken" fails to evaluate: division by zero')
    expect(() => evaluate('variables.unknown')).toThrow('composited variable "unknown" fails to compile: ERROR: <input>:1:1')
    expect(() => environment.compile('variables.double + "x"')).toThrow("found no matching overload for '_+_' applied to '(int, string)'")
    expect(() => environment.compile('variables.missing')).toThrow("undefined field 'missing'")
  })

  it('asks authorizers, which may answer later', async () => {
    const asked: AuthorizationQuestion[] = []
    const authorizer = authorizerValue((question) => {
      asked.push(question)
      const answer = { verdict: question.verb === 'create' ? 'allow' : 'deny', reason: `no ${question.verb}` } as const
      return question.resource ? Promise.resolve(answer) : answer
    })
    const activation = {
      authorizer, 'authorizer.requestResource': requestResourceValue(authorizer, { group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'n', name: 'web' }),
    }
    const environment = policyEnvironment({ authorizer: true })
    const budget = budgetOf()
    const held = (expression: string): Promise<unknown> => answered(() => environment.compile(expression).evaluate(activation, budget))
    await expect(held("authorizer.group('').resource('pods').namespace('n').check('create').allowed()")).resolves.toBe(true)
    expect(budget.left).toBe(10_000_000 - 350_005)
    await expect(held("authorizer.requestResource.check('delete').reason()")).resolves.toBe('no delete')
    await expect(held("authorizer.serviceAccount('n', 'robot').path('/healthz').check('get').errored()")).resolves.toBe(false)
    await expect(held("authorizer.serviceAccount('n', 'Robot').path('/healthz').check('get').allowed()")).rejects.toThrow('Invalid service account name')
    expect(asked).toEqual([
      { verb: 'create', resource: { group: '', resource: 'pods', subresource: '', namespace: 'n', name: '', fieldSelector: '', labelSelector: '' } },
      { verb: 'delete', resource: { group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'n', name: 'web', fieldSelector: '', labelSelector: '' } },
      { verb: 'get', path: '/healthz', serviceAccount: { namespace: 'n', name: 'robot' } },
    ])
  })

  it('types objects where they are to be checked only', () => {
    const environment = policyEnvironment({ objectType: objectType('Web', { spec: objectType('Web.spec', { replicas: int, host: string }) }), params: true })
    expect(() => environment.compile('object.spec.replicas > 1 && object.spec.host == params.host')).not.toThrow()
    expect(() => environment.compile('object.spec.replicas == object.spec.host')).toThrow("found no matching overload for '_==_' applied to '(int, string)'")
  })

  it('makes objects and patches', () => {
    const environment = policyEnvironment({ patchTypes: true })
    const made = (expression: string): unknown => environment.compile(expression).evaluate({ object }, budgetOf())
    const applied = made("Object{metadata: Object.metadata{labels: {'n': string(object.spec.replicas)}}, spec: Object.spec{?host: optional.none(), weight: 1.0}}")
    checkPlaces(applied)
    expect(toJson(applied)).toEqual({ metadata: { labels: { n: '7' } }, spec: { weight: 1 } })
    expect(() => checkPlaces(made('Object{spec: Object.status{}}'))).toThrow('unexpected type name "Object.status", expected "Object.spec", which matches field name path from root Object type')
    expect(toJson(made("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: [[b'x']]}]"))).toEqual([{ op: 'add', path: '/metadata/labels/a~1b~0c', value: [['eA==']] }])
    expect(() => environment.compile("JSONPatch{op: 1}")).toThrow("expected type of field 'op' is 'string' but provided type is 'int'")
  })
})
