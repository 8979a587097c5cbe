import type { CelEnvironment, CelType } from '#apimachinery/cel/contract'
import type { PolicyVariables } from '#apimachinery/cel/policy-environment'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Struct } from '#apimachinery/schema/schema'
import type { Variable } from './types'

interface Language {
  readonly policyEnvironment: (variables: PolicyVariables) => CelEnvironment
  readonly composeVariables: typeof import('#apimachinery/cel/policy-environment').composeVariables
  readonly patchObjects: typeof import('#apimachinery/cel/patch-types').patchObjects
  readonly CelCompileError: typeof import('#apimachinery/cel/syntax/errors').CelCompileError
}

let language: Language | undefined

async function load(): Promise<void> {
  const [{ policyEnvironment, composeVariables }, { patchObjects }, { CelCompileError }] = await Promise.all([
    import('#apimachinery/cel/policy-environment'), import('#apimachinery/cel/patch-types'), import('#apimachinery/cel/syntax/errors'),
  ])
  language = { policyEnvironment, composeVariables, patchObjects, CelCompileError }
}

/** The schema of a kind with expressions brings their language along: validation, which does not wait, finds it there. */
export const withLanguage = (schema: () => Promise<Struct>): (() => Promise<Struct>) => async () => {
  if (!language) await load()
  return schema()
}

function known(): Language {
  if (!language) throw new Error('expressions are judged only after the schema of their kind was loaded')
  return language
}

export const boolType: readonly CelType[] = [{ sort: 'bool' }]
export const stringType: readonly CelType[] = [{ sort: 'string' }]
export const stringOrNull: readonly CelType[] = [{ sort: 'string' }, { sort: 'null' }]
/** What mutations give: an object to apply, or a list of operations. */
export const objectToApply = (): readonly CelType[] => [known().patchObjects('Object')!]
export const jsonPatch = (): readonly CelType[] => [{ sort: 'list', item: known().patchObjects('JSONPatch')! }]

/** What expressions may name. `variables` of the policy are checked by the way: what is wrong with each, in their order. */
export function environmentOf(names: PolicyVariables, variables: readonly Variable[] = []): { readonly environment: CelEnvironment; readonly problems: readonly (string | undefined)[] } {
  const base = known().policyEnvironment(names)
  if (variables.length === 0) return { environment: base, problems: [] }
  // One without an expression is not there for the others.
  const said = variables.filter(({ expression }) => expression.trim() !== '')
  const { environment, faults } = known().composeVariables(base, said)
  return { environment, problems: variables.map((variable) => faults[said.indexOf(variable)]).map((fault) => fault && compileProblem(fault)) }
}

/** What is wrong with an expression, as the original tells clients. */
export const compileProblem = ({ phase, message }: { readonly phase: 'check' | 'program' | 'type'; readonly message: string }): string =>
  phase === 'check' ? `compilation failed: ${message}` : phase === 'program' ? `program instantiation failed: ${message}` : message

/** `shown`: the text as the error repeats it. */
export function checkExpression(errors: FieldErrors, expression: string, environment: CelEnvironment, expect: readonly CelType[], shown = expression): void {
  try {
    environment.compile(expression, expect)
  } catch (error) {
    if (!(error instanceof known().CelCompileError)) throw error
    errors.invalid(shown, compileProblem(error))
  }
}
