import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Label } from '#apimachinery/names'
import { dnsSubdomain } from './field-checks'

/** `example.com/signer`: a domain of at least two parts, and a path of labels. */
export function signerName(errors: FieldErrors, field: string, name: string | undefined): void {
  const at = errors.at(field)
  if (!name) return at.required()
  const slash = name.indexOf('/')
  if (slash < 0 || name.includes('/', slash + 1)) {
    return at.invalid(name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
  }
  const domain = name.slice(0, slash)
  const path = name.slice(slash + 1)
  const before = errors.all.length
  dnsSubdomain(at, 'x', domain)
  for (let i = before; i < errors.all.length; i++) errors.all[i] = { ...errors.all[i]!, field: at.path }
  if (domain.split('.').length < 2) at.invalid(domain, 'should be a domain with at least two segments separated by dots')
  if (path.length === 0) at.invalid(path, 'must have a path')
  for (const [i, part] of path.split('.').entries()) {
    for (const message of isDns1123Label(part)) at.invalid(path, `validating label ${JSON.stringify(part)}: ${message}`)
    if (i > 20) break
  }
  if (name.length > 571) at.tooLong(571)
}
