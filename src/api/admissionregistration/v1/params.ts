// What policies are given beside the request: objects of some kind, by name or selector.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isDns1123Subdomain, isPathSegmentName, nameIsDnsSubdomain } from '#apimachinery/names'
import { labelSelector, oneOf, report } from '../../field-checks'
import type { ParamKind, ParamRef } from './types'

export function validateParamKind({ apiVersion, kind }: ParamKind, errors: FieldErrors): void {
  const at = errors.at('apiVersion')
  const parts = (apiVersion ?? '').split('/')
  if (!apiVersion) at.required()
  else if (parts.length > 2) at.invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  else {
    const [group, version] = parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!]
    const [wrongGroup, wrongVersion] = [group === '' ? [] : isDns1123Subdomain(group), version === '' ? [] : isDns1035Label(version)]
    if (wrongGroup.length > 0) at.invalid(group, wrongGroup.join(','))
    if (version === '') at.invalid(apiVersion, 'version must be specified')
    else if (wrongVersion.length > 0) at.invalid(version, wrongVersion.join(','))
  }
  if (!kind) return errors.at('kind').required()
  const wrong = isDns1035Label(kind.toLowerCase())
  if (wrong.length > 0) errors.at('kind').invalid(kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`)
}

export function validatePolicyName(errors: FieldErrors, name: string | undefined): void {
  if (!name) errors.at('policyName').required()
  else report(errors, 'policyName', name, nameIsDnsSubdomain(name, false))
}

export function validateParamRef(ref: ParamRef | undefined, errors: FieldErrors): void {
  if (!ref) return
  const { name, selector, parameterNotFoundAction } = ref
  const exclusive = 'name and selector are mutually exclusive'
  if (name) {
    report(errors, 'name', name, isPathSegmentName(name))
    if (selector) errors.at('name').forbidden(exclusive)
  }
  labelSelector(errors, 'selector', selector)
  if (selector && name) errors.at('selector').forbidden(exclusive)
  if (!name && !selector) errors.required('one of name or selector must be specified')
  oneOf(errors, 'parameterNotFoundAction', parameterNotFoundAction, ['Deny', 'Allow'])
}
