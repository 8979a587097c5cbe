import { additionalOf, type CelRule, type JsonSchema } from '../schema/json-schema'
import type { CelEnvironment, CelProgram, CelType } from './contract'
import { createEnvironment } from './environment'
import { maxCardinality, schemaType } from './schema-type'
import { CelCompileError } from './syntax/errors'

/** A rule of `x-kubernetes-validations`, compiled. Without program and fault it is empty. */
export interface CompiledRule {
  readonly rule: CelRule
  readonly program?: CelProgram
  /** Why there is no program, in the server's words. */
  readonly fault?: string
  readonly usesOldSelf: boolean
  readonly message?: CelProgram
  readonly messageFault?: string
  /** Where its fault is, below the value: `spec.x`, `labels[y]`. */
  readonly field?: string
}

export interface CompiledRules {
  readonly rules: readonly CompiledRule[]
  /** How often the schema's values can be in one request, where nothing limits what they are in. */
  readonly maxCardinality: number
}

/** The rules of a schema itself, not of what is below. `root`: of a resource, or of one that is embedded. */
export function compileOwnRules(schema: JsonSchema, root: boolean): CompiledRules {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return { rules: [], maxCardinality: 1 }
  const type = schemaType(schema, { root })
  if (!type) return { rules: rules.map((rule) => ({ rule, usesOldSelf: false, fault: 'failed to convert to declType for CEL validation rules' })), maxCardinality: 1 }
  const environment = createEnvironment({ self: type, oldSelf: type }, { sizesOf: type })
  const optional = environment.extend({ oldSelf: { sort: 'optional', value: type } })
  return {
    rules: rules.map((rule) => {
      const compiledRule = compileRule(rule, rule.optionalOldSelf ? optional : environment)
      return rule.fieldPath ? { ...compiledRule, field: fieldText(rule.fieldPath, schema) } : compiledRule
    }),
    maxCardinality: maxCardinality(schema, root),
  }
}

function compileRule(rule: CelRule, environment: CelEnvironment): CompiledRule {
  if (rule.rule.trim() === '') return { rule, usesOldSelf: false }
  const program = compiled(rule.rule, environment, 'bool', '', 'cel expression must evaluate to a bool')
  if (typeof program === 'string') return { rule, fault: program, usesOldSelf: false }
  const found = { rule, program, usesOldSelf: program.reads.has('oldSelf') }
  if (!rule.messageExpression) return found
  const message = compiled(rule.messageExpression, environment, 'string', 'messageExpression ', 'messageExpression must evaluate to a string')
  return typeof message === 'string' ? { ...found, messageFault: message } : { ...found, message }
}

function compiled(text: string, environment: CelEnvironment, wanted: CelType['sort'], what: string, wrongType: string): CelProgram | string {
  try {
    const program = environment.compile(text)
    return program.type.sort === wanted ? program : wrongType
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error
    return error.phase === 'program' ? `${what === '' ? 'program ' : what}instantiation failed: ${error.message}` : `${what}compilation failed: ${error.message}`
  }
}

/** A path of a rule (`.spec['x']`) as messages show it: fields by name, keys of maps in brackets. */
function fieldText(path: string, schema: JsonSchema): string {
  let text = ''
  let here: JsonSchema | undefined = schema
  for (const [, field, quoted] of path.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)) {
    const name = field ?? quoted!.replaceAll(/\\(.)/g, '$1')
    const named: boolean = here?.properties !== undefined
    text += named ? `${text === '' ? '' : '.'}${name}` : `[${name}]`
    here = named ? here?.properties?.[name] : here && additionalOf(here)
  }
  return text
}
