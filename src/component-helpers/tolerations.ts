import type { Taint, Toleration } from '#api/core/v1/types'

/** Whether a toleration takes away a taint's effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  const operator = toleration.operator || 'Equal'
  if (!toleration.key && operator !== 'Exists') return false
  if (operator === 'Exists') return true
  if (operator === 'Equal') return (toleration.value ?? '') === (taint.value ?? '')
  if (operator !== 'Lt' && operator !== 'Gt') return false
  const [limit, value] = [wholeNumber(toleration.value), wholeNumber(taint.value)]
  if (limit === undefined || value === undefined) return false
  return operator === 'Lt' ? value < limit : value > limit
}

/** The first taint that none of the tolerations takes away. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): Taint | undefined {
  return taints.find((taint) => !tolerations?.some((toleration) => tolerates(toleration, taint)))
}

const wholeNumber = (text: string | undefined): bigint | undefined => (text !== undefined && /^(0|-?[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined)
