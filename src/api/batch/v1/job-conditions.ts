import type { JobStatus } from './types'

const stands = ({ conditions }: JobStatus, type: string, status: string): boolean =>
  conditions?.some((condition) => condition.type === type && condition.status === status) ?? false

export const isTrue = (status: JobStatus, type: string): boolean => stands(status, type, 'True')
export const isFalse = (status: JobStatus, type: string): boolean => stands(status, type, 'False')
export const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed')
