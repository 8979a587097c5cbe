import type { CelBudget, CelEnvironment, CelProgram, CelType } from './contract'
import { createEnvironment } from './environment'
import { each } from './library/overload'
import { bool, dyn, int, listOf, mapOf, objectType, opaque, string, timestamp } from './object-type'
import { patchObjects } from './patch-types'
import { CelError, celError } from './runtime/errors'
import { CelCompileError } from './syntax/errors'

export interface PolicyVariables {
  /** `params`, where the policy has a paramKind. */
  readonly params?: boolean
  /** `authorizer` and `authorizer.requestResource`. */
  readonly authorizer?: boolean
  /** `Object{...}`, `JSONPatch{...}` and `jsonpatch.escapeKey`, for mutations. */
  readonly patchTypes?: boolean
  /** For type checking alone: what `object` and `oldObject` are, when they are not `dyn`. */
  readonly objectType?: CelType
  /** For type checking alone: what `params` is. */
  readonly paramsType?: CelType
}

const kindType = objectType('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const resourceType = objectType('kubernetes.GroupVersionResource', { group: string, version: string, resource: string })
const userType = objectType('kubernetes.UserInfo', { username: string, uid: string, groups: listOf(string), extra: mapOf(listOf(string)) })

/** What `request` is: an AdmissionRequest without its objects. */
export const requestType = objectType('kubernetes.AdmissionRequest', {
  kind: kindType, resource: resourceType, subResource: string, requestKind: kindType, requestResource: resourceType, requestSubResource: string,
  name: string, namespace: string, operation: string, userInfo: userType, dryRun: bool, options: dyn,
})

/** What `namespaceObject` is: the parts of a Namespace that expressions see. */
export const namespaceType = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: string, generateName: string, namespace: string, labels: mapOf(string), annotations: mapOf(string), UID: string, creationTimestamp: timestamp,
    deletionGracePeriodSeconds: int, deletionTimestamp: timestamp, generation: int, resourceVersion: string, finalizers: listOf(string),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listOf(string) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: listOf(objectType('kubernetes.NamespaceCondition', { status: string, type: string, lastTransitionTime: timestamp, message: string, reason: string })),
    phase: string,
  }),
})

const patchFunctions = [
  each('jsonpatch.escapeKey', { string_jsonpatch_escapeKey_string: ['(string) -> string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')] }),
]

const environments = new Map<string, CelEnvironment>()

/** The environment of policies and of webhooks' match conditions. Those without types of their own are made once. */
export function policyEnvironment({ params = false, authorizer = false, patchTypes = false, objectType: object, paramsType }: PolicyVariables = {}): CelEnvironment {
  const make = (): CelEnvironment => createEnvironment({
    object: object ?? dyn, oldObject: object ?? dyn, namespaceObject: namespaceType, request: requestType,
    ...(params && { params: paramsType ?? dyn }),
    ...(authorizer && { authorizer: opaque('kubernetes.authorization.Authorizer'), 'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck') }),
  }, patchTypes ? { objects: patchObjects, functions: patchFunctions } : {})
  if (object ?? paramsType) return make()
  const key = `${params} ${authorizer} ${patchTypes}`
  let found = environments.get(key)
  if (!found) environments.set(key, (found = make()))
  return found
}

export interface Composition {
  /** The environment with `variables`, each of the type of its expression. */
  readonly environment: CelEnvironment
  /** What is wrong with the expression of each variable; undefined where nothing is. */
  readonly faults: readonly (CelCompileError | undefined)[]
  /**
   * The value of `variables` for one request: each is evaluated when it is first read, and once, out of the budget.
   * `activation` is asked for the other variables then.
   */
  values(activation: Readonly<Record<string, unknown>>, budget: CelBudget): Readonly<Record<string, unknown>>
}

/** `variables.x`: expressions with names, of which later ones may use earlier ones. */
export function composeVariables(base: CelEnvironment, variables: readonly { readonly name: string; readonly expression: string }[]): Composition {
  const types = new Map<string, CelType>()
  const environment = base.extend({ variables: { sort: 'object', name: 'kubernetes.variables', fields: () => types } })
  const compiled: { name: string; program: CelProgram | CelCompileError }[] = []
  for (const { name, expression } of variables) {
    const program = compiledOrFault(environment, expression)
    types.set(name, program instanceof CelCompileError ? dyn : program.type)
    compiled.push({ name, program })
  }
  return {
    environment,
    faults: compiled.map(({ program }) => (program instanceof CelCompileError ? program : undefined)),
    values(activation, budget) {
      const values: Record<string, unknown> = {}
      const all = { ...activation, variables: values }
      for (const { name, program } of compiled) values[name] = once(() => valueOf(name, program, all, budget))
      return values
    },
  }
}

function compiledOrFault(environment: CelEnvironment, expression: string): CelProgram | CelCompileError {
  try {
    return environment.compile(expression)
  } catch (error) {
    if (error instanceof CelCompileError) return error
    throw error
  }
}

function valueOf(name: string, program: CelProgram | CelCompileError, activation: Readonly<Record<string, unknown>>, budget: CelBudget): unknown {
  if (program instanceof CelCompileError) throw celError(`composited variable "${name}" fails to compile: ${program.message}`)
  try {
    return program.evaluate(activation, budget)
  } catch (error) {
    if (error instanceof CelError && error.reason !== 'budget') throw celError(`composited variable "${name}" fails to evaluate: ${error.message}`)
    throw error
  }
}

/** Faults are kept as values are; what waits for an answer is asked again. */
function once(evaluate: () => unknown): () => unknown {
  let done: { value: unknown } | { error: CelError } | undefined
  return () => {
    if (!done) {
      try {
        done = { value: evaluate() }
      } catch (error) {
        if (!(error instanceof CelError)) throw error
        done = { error }
      }
    }
    if ('error' in done) throw done.error
    return done.value
  }
}
