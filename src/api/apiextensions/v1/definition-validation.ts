import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isDns1123Subdomain, nameIsDnsSubdomain } from '#apimachinery/names'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import { immutable } from '../../strategies'
import { validateWebhookClient } from '../../webhook-client-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { checkColumn, checkSelectableFields, checkSubresources } from './version-validation'
import { internalVersion } from './internal-form'
import { checkSchema } from './schema-validation'
import type { CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from './types'

/** The name says what is defined. */
export function checkName({ metadata, spec }: CustomResourceDefinition, errors: FieldErrors): void {
  const { name } = metadata
  if (!name) return
  if (nameIsDnsSubdomain(name, false).length > 0 || name === `${spec.names.plural}.${spec.group}`) return
  errors.at('metadata', 'name').invalid(name, 'must be spec.names.plural+"."+spec.group')
}

export function checkDefinition(definition: CustomResourceDefinition, errors: FieldErrors): void {
  checkSpec(definition.spec, errors.at('spec'))
  if (definition.status?.acceptedNames) checkNames(definition.status.acceptedNames, errors.at('status', 'acceptedNames'))
  checkStoredVersions(definition, errors.at('status', 'storedVersions'))
}

export function checkDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition, errors: FieldErrors): void {
  const spec = errors.at('spec')
  if (old.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) {
    immutable(spec, 'scope', definition.spec.scope ?? '', old.spec.scope)
    immutable(spec.at('names'), 'kind', definition.spec.names.kind ?? '', old.spec.names.kind)
  }
  immutable(spec, 'group', definition.spec.group ?? '', old.spec.group)
  immutable(spec.at('names'), 'plural', definition.spec.names.plural ?? '', old.spec.names.plural)
}

function checkSpec(spec: CustomResourceDefinitionSpec, errors: FieldErrors): void {
  const { group, names, scope, versions } = spec
  if (!group) errors.at('group').required()
  else if (isDns1123Subdomain(group).length > 0) errors.at('group').invalid(group, isDns1123Subdomain(group).join(','))
  else if (!group.includes('.')) errors.at('group').invalid(group, 'should be a domain with at least one dot')
  if (!scope) errors.at('scope').required()
  else if (scope !== 'Cluster' && scope !== 'Namespaced') errors.at('scope').notSupported(scope, ['Cluster', 'Namespaced'])
  for (const [i, version] of (versions ?? []).entries()) {
    if (!version.schema?.openAPIV3Schema) errors.at('versions', i, 'schema', 'openAPIV3Schema').required()
  }
  checkVersions(versions, errors)
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names[field]) errors.at('names', field).required()
  checkNames(names, errors.at('names'))
  if (spec.conversion) checkConversion(spec.conversion, errors.at('conversion'))
  if (spec.preserveUnknownFields) {
    errors.at('preserveUnknownFields').invalid(true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')
  }
}

/** What all versions say alike is told of the whole definition, as the original does. */
function checkVersions(given: readonly CustomResourceDefinitionVersion[] | null | undefined, errors: FieldErrors): void {
  const versions = given ?? []
  const alike = (field: 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'): boolean => {
    const first = versions[0]?.[field]
    return first !== undefined && versions.every((version) => version[field] !== undefined && semanticallyEqual(version[field], first))
  }
  const shared = {
    schema: alike('schema'), subresources: alike('subresources'), additionalPrinterColumns: alike('additionalPrinterColumns'), selectableFields: alike('selectableFields'),
  }
  const anyStatus = versions.some(({ subresources }) => subresources?.status !== undefined)
  for (const [i, version] of versions.entries()) {
    const here = errors.at('versions', i)
    const problems = isDns1035Label(version.name)
    if (problems.length > 0) here.at('name').invalid(version.name, problems.join(','))
    checkDeprecation(version, here)
    const status = version.subresources?.status !== undefined
    if (!shared.schema) checkSchema(schemaOf(version), status, here.at('schema', 'openAPIV3Schema'))
    if (!shared.subresources) checkSubresources(version.subresources, here.at('subresources'))
    if (!shared.additionalPrinterColumns) for (const [j, column] of (version.additionalPrinterColumns ?? []).entries()) checkColumn(column, here.at('additionalPrinterColumns', j))
    if (shared.selectableFields || !version.selectableFields?.length) continue
    // A schema that all versions share has moved away before the original looks for it.
    if (shared.schema || !version.schema?.openAPIV3Schema) here.at('selectableFields').invalid('', 'may only be set when `version.schema.openAPIV3Schema` is not included')
    else checkSelectableFields(version.selectableFields, schemaOf(version), here.at('selectableFields'))
  }
  /** The original shows its internal form, in which what is alike has moved away. */
  const shown = (): unknown => given?.map((version) => internalVersion(version, shared))
  const names = versions.map(({ name }) => name)
  if (new Set(names).size < names.length) errors.at('versions').invalid(shown(), 'must contain unique version names')
  if (versions.filter(({ storage }) => storage).length !== 1) errors.at('versions').invalid(shown(), 'must have exactly one version marked as storage version')
  const first = versions[0]
  if (!first) return
  const problems = first.name ? isDns1035Label(first.name) : []
  if (problems.length > 0) errors.at('version').invalid(first.name, problems.join(','))
  if (shared.schema) checkSchema(schemaOf(first), anyStatus, errors.at('validation', 'openAPIV3Schema'))
  if (shared.subresources) checkSubresources(first.subresources, errors.at('subresources'))
  if (shared.additionalPrinterColumns) for (const [j, column] of first.additionalPrinterColumns!.entries()) checkColumn(column, errors.at('additionalPrinterColumns', j))
  if (!shared.selectableFields || !first.selectableFields?.length) return
  if (shared.schema) checkSelectableFields(first.selectableFields, schemaOf(first), errors.at('selectableFields'))
  else errors.at('selectableFields').invalid('', 'may only be set when validations.schema is included')
}

const schemaOf = ({ schema }: CustomResourceDefinitionVersion): JsonSchema | undefined => schema?.openAPIV3Schema

function checkDeprecation({ deprecated, deprecationWarning }: CustomResourceDefinitionVersion, errors: FieldErrors): void {
  if (deprecationWarning === undefined) return
  const refuse = (text: string): void => errors.at('deprecationWarning').invalid(deprecationWarning, text)
  if (!deprecated) return refuse('can only be set for deprecated versions')
  if (new TextEncoder().encode(deprecationWarning).length > 256) refuse('must be <= 256 characters long')
  if (deprecationWarning === '') refuse('must not be an empty string')
  const strange = deprecationWarning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (strange >= 0) refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${strange}`)
}

export function checkNames(names: Partial<CustomResourceDefinitionNames>, errors: FieldErrors): void {
  const plain = (field: string, value: string | undefined): void => {
    const problems = value ? isDns1035Label(value) : []
    if (problems.length > 0) errors.at(field).invalid(value, problems.join(','))
  }
  const mixed = (field: string, value: string | undefined): void => {
    const problems = value ? isDns1035Label(value.toLowerCase()) : []
    if (problems.length > 0) errors.at(field).invalid(value, `may have mixed case, but should otherwise match: ${problems.join(',')}`)
  }
  plain('plural', names.plural)
  plain('singular', names.singular)
  mixed('kind', names.kind)
  mixed('listKind', names.listKind)
  const each = (field: string, values: readonly string[] | undefined): void => {
    for (const [i, value] of (values ?? []).entries()) {
      const problems = isDns1035Label(value)
      if (problems.length > 0) errors.at(field, i).invalid(value, problems.join(','))
    }
  }
  each('shortNames', names.shortNames)
  if (names.kind && names.kind === names.listKind) errors.at('listKind').invalid(names.listKind, 'kind and listKind may not be the same')
  each('categories', names.categories)
}

function checkConversion({ strategy, webhook }: CustomResourceConversion, errors: FieldErrors): void {
  if (!strategy) errors.at('strategy').required()
  else if (strategy !== 'None' && strategy !== 'Webhook') errors.at('strategy').notSupported(strategy, ['None', 'Webhook'])
  const config = webhook?.clientConfig
  const versions = webhook?.conversionReviewVersions ?? []
  if (strategy !== 'Webhook') {
    if (config) errors.at('webhookClientConfig').forbidden('should not be set when strategy is not set to Webhook')
    if (versions.length > 0) errors.at('conversionReviewVersions').forbidden('should not be set when strategy is not set to Webhook')
    return
  }
  if (!config) errors.at('webhookClientConfig').required('required when strategy is set to Webhook')
  else validateWebhookClient(config, errors.at('webhookClientConfig'))
  const at = errors.at('conversionReviewVersions')
  if (versions.length === 0) return at.required()
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) at.at(i).invalid(version, 'duplicate version')
    else for (const problem of isDns1035Label(version)) at.at(i).invalid(version, problem)
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) at.invalid(versions, 'must include at least one of v1, v1beta1')
}

function checkStoredVersions({ spec, status }: CustomResourceDefinition, errors: FieldErrors): void {
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return errors.invalid(status?.storedVersions ?? null, 'must have at least one stored version')
  const left = new Map(stored.map((version, i) => [version, i]))
  for (const { name, storage } of spec.versions ?? []) {
    if (storage && !left.has(name)) errors.invalid(stored, `must have the storage version ${name}`)
    left.delete(name)
  }
  for (const [version, i] of left) {
    errors.at(i).invalid(version, `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`)
  }
}

const approval = 'api-approved.kubernetes.io'

/** Groups of the Kubernetes community ask that their definitions were looked at. */
export function checkApproval({ metadata, spec }: CustomResourceDefinition, errors: FieldErrors): void {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(spec.group)) return
  const value = metadata.annotations?.[approval] ?? ''
  const here = errors.at('metadata', 'annotations').key(approval)
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  if (value === '') here.required(`protected groups must have approval annotation "${approval}", ${see}`)
  else if (!value.startsWith('unapproved') && !/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(value)) {
    here.invalid(value, `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", ${see}`)
  }
}
