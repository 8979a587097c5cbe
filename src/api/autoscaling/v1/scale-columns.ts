import type { Column } from '#apimachinery/resource'
import { ageColumn, column, integer } from '../../printing'
import type { Scale } from './types'

/** Scale is no kind that is stored: it is shown by whoever has one. */
export const scaleColumns: readonly Column<Scale>[] = [
  column('Name', ({ metadata }) => metadata.name),
  integer('Desired', ({ spec }) => spec.replicas ?? 0),
  integer('Available', ({ status }) => status.replicas),
  ageColumn,
]
