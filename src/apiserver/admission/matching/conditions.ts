import type { MatchCondition } from '#api/admissionregistration/v1/types'
import type { AdmissionRequest } from '../plugin'

/** Match conditions of a webhook or policy. */
export interface Conditions {
  /** Whether all of them hold for a request as `apiVersion` shows it. Throws `ApiError` (403) where one cannot be told and that is no reason to let it be. */
  hold(request: AdmissionRequest, apiVersion: string): boolean | Promise<boolean>
}

export function conditionsOf(conditions: readonly MatchCondition[] | undefined, _options: { readonly ignoresFailure: boolean }): Conditions | undefined {
  if (!conditions?.length) return undefined
  return { hold: () => true }
}
