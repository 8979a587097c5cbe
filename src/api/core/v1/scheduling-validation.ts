// Tolerations, spreading and gates: what a pod says about where and when it may run.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isLabelValue } from '#apimachinery/names'
import { labelSelector, optionalOneOf, positive, qualifiedName } from '../../field-checks'
import { validateLabelKeys } from './affinity-validation'
import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from './types'

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly Toleration[], errors: FieldErrors): void {
  for (let i = 0; i < tolerations.length; i++) {
    const { key, operator = '', value = '', effect = '', tolerationSeconds } = tolerations[i]!
    if (key) qualifiedName(errors.at(i), 'key', key)
    else if (operator !== 'Exists') {
      errors.at(i, 'operator').invalid(operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.at(i, 'effect').invalid(effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    }
    if (operator === '' || operator === 'Equal') {
      const messages = isLabelValue(value)
      if (messages.length > 0) errors.at(i, 'operator').invalid(value, messages.join(';'))
    } else if (operator === 'Exists') {
      if (value) errors.at(i, 'operator').invalid(value, "value must be empty when `operator` is 'Exists'")
    } else if (operator === 'Lt' || operator === 'Gt') {
      errors.at(i, 'operator').notSupported(operator, ['Equal', 'Exists', 'Lt', 'Gt'])
    } else errors.at(i, 'operator').notSupported(operator, ['Equal', 'Exists'])
    if (effect && !taintEffects.includes(effect)) errors.at(i, 'effect').notSupported(effect, taintEffects)
  }
}

export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[], errors: FieldErrors): void {
  for (let i = 0; i < constraints.length; i++) {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, ...rest } = constraints[i]!
    const at = errors.at(i)
    positive(at, 'maxSkew', maxSkew)
    if (!topologyKey) at.at('topologyKey').required('can not be empty')
    optionalOneOf(at, 'whenUnsatisfiable', whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'])
    const again = constraints.slice(i + 1).some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)
    if (again) at.at('{topologyKey, whenUnsatisfiable}').duplicate(`{${topologyKey}, ${whenUnsatisfiable}}`)
    if (minDomains !== undefined) {
      positive(at, 'minDomains', minDomains)
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        at.at('minDomains').invalid(minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`)
      }
    }
    optionalOneOf(at, 'nodeAffinityPolicy', rest.nodeAffinityPolicy, ['Honor', 'Ignore'])
    optionalOneOf(at, 'nodeTaintsPolicy', rest.nodeTaintsPolicy, ['Honor', 'Ignore'])
    if (rest.matchLabelKeys) validateLabelKeys(rest.matchLabelKeys, [], rest.labelSelector, at)
    labelSelector(at, 'labelSelector', rest.labelSelector)
  }
}

export function validateSchedulingGates(gates: readonly PodSchedulingGate[], errors: FieldErrors): void {
  for (let i = 0; i < gates.length; i++) {
    const { name } = gates[i]!
    qualifiedName(errors, i, name)
    if (gates.findIndex((gate) => gate.name === name) < i) errors.at(i).duplicate(name)
  }
}
