// What groups of pods and the templates of such groups have in common.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isQualifiedName } from '#apimachinery/names'
import { eachOnce } from '../../bounded-lists'
import { dnsLabel, dnsSubdomain, report, required } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import type { PodGroupResourceClaim, PodGroupSchedulingConstraints, PodGroupSchedulingPolicy } from './types'

export interface GroupTemplate {
  schedulingPolicy: PodGroupSchedulingPolicy
  schedulingConstraints?: PodGroupSchedulingConstraints
  resourceClaims?: PodGroupResourceClaim[]
  disruptionMode?: string
  priorityClassName?: string
  priority?: number
}

const mostClaims = 4

const gated: readonly { readonly gate: string; readonly fields: readonly (keyof GroupTemplate)[] }[] = [
  { gate: 'TopologyAwareWorkloadScheduling', fields: ['schedulingConstraints'] },
  { gate: 'DRAWorkloadResourceClaims', fields: ['resourceClaims'] },
  { gate: 'WorkloadAwarePreemption', fields: ['disruptionMode', 'priorityClassName', 'priority'] },
]

/** What gates hold back goes, unless it was there already: then it stays as it is. */
export function dropDisabled(template: GroupTemplate, old: GroupTemplate | undefined, enabled: (gate: string) => boolean): void {
  for (const { gate, fields } of gated) if (!enabled(gate)) for (const field of fields) if (old?.[field] === undefined || old[field] === null) delete template[field]
}

/** What changed of it, though nothing may: fields that a gate holds back are not to be set at all. */
export function refuseChanges(template: GroupTemplate, old: GroupTemplate, errors: FieldErrors, enabled: (gate: string) => boolean): void {
  for (const field of ['schedulingPolicy', 'schedulingConstraints', 'resourceClaims', 'disruptionMode', 'priorityClassName', 'priority'] as const) {
    if (semanticallyEqual(template[field], old[field])) continue
    const gate = field === 'resourceClaims' ? undefined : gated.find(({ fields }) => fields.includes(field))?.gate
    if (gate === undefined || enabled(gate)) errors.at(field).invalid(null, 'field is immutable')
    else if (template[field] !== undefined) errors.at(field).forbidden('')
  }
  const { resourceClaims = [] } = template
  if (resourceClaims.length > mostClaims) errors.at('resourceClaims').tooMany(resourceClaims.length, mostClaims)
}

const highestPriority = 1_000_000_000

export function validateTemplate({ schedulingPolicy, schedulingConstraints, resourceClaims, disruptionMode, priorityClassName, priority }: GroupTemplate, errors: FieldErrors): void {
  const { basic, gang } = schedulingPolicy
  const atPolicy = errors.at('schedulingPolicy')
  exactlyOne(atPolicy, { basic, gang })
  if (gang) {
    const at = atPolicy.at('gang', 'minCount')
    if (!gang.minCount) at.required()
    else if (gang.minCount < 1) at.invalid(gang.minCount, 'must be greater than or equal to 1')
  }
  eachOnce(errors.at('schedulingConstraints', 'topology'), schedulingConstraints?.topology, 1, ({ key }, at) => {
    if (required(at, 'key', key)) report(at, 'key', key, isQualifiedName(key))
  }, ({ key }) => key)
  eachOnce(errors.at('resourceClaims'), resourceClaims, mostClaims, (claim, at) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    exactlyOne(at, { resourceClaimName, resourceClaimTemplateName })
    if (required(at, 'name', name)) dnsLabel(at, 'name', name)
    if (resourceClaimName !== undefined) dnsSubdomain(at, 'resourceClaimName', resourceClaimName)
    if (resourceClaimTemplateName !== undefined) dnsSubdomain(at, 'resourceClaimTemplateName', resourceClaimTemplateName)
  }, ({ name }) => name, (claim) => claim)
  if (disruptionMode !== undefined && !['Pod', 'PodGroup'].includes(disruptionMode)) errors.at('disruptionMode').notSupported(disruptionMode, ['Pod', 'PodGroup'])
  if (priorityClassName) dnsSubdomain(errors, 'priorityClassName', priorityClassName)
  if (priority !== undefined && priority > highestPriority) errors.at('priority').invalid(priority, `must be less than or equal to ${highestPriority}`)
}

export function exactlyOne(errors: FieldErrors, fields: Readonly<Record<string, unknown>>): void {
  const all = Object.keys(fields).map((name) => `\`${name}\``).join(', ')
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined && fields[name] !== null)
  if (set.length === 0) errors.invalid('', `must specify one of: ${all}`)
  else if (set.length > 1) errors.invalid(`{${set.join(', ')}}`, `must specify exactly one of: ${all}`)
}
