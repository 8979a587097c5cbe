import type { APIService, APIServiceCondition } from '#api/apiregistration/v1/types'

export type Finding = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>

export const local: Finding = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' }

export const availability = ({ status }: APIService): APIServiceCondition | undefined => status?.conditions?.find(({ type }) => type === 'Available')

export const isAvailable = (apiService: APIService): boolean => availability(apiService)?.status === 'True'

/** Undefined where the object says so already; the time changes with the status only. */
export function withAvailability(apiService: APIService, { status, reason, message }: Finding, now: string): APIServiceCondition[] | undefined {
  const old = availability(apiService)
  if (old && old.status === status && old.reason === reason && old.message === message) return undefined
  const made = { type: 'Available', status, lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : now, ...(reason ? { reason } : {}), ...(message ? { message } : {}) } as APIServiceCondition
  const conditions = apiService.status?.conditions ?? []
  return old ? conditions.map((one) => (one === old ? made : one)) : [...conditions, made]
}
