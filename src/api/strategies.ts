// What most kinds do before a write: generation, and status that only the status endpoint may change.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import type { Strategy } from '#apimachinery/resource'
import { semanticallyEqual } from './semantic-equality'

type WithSpec = KubeObject & { spec?: unknown }
type WithStatus = KubeObject & { status?: unknown }

export function startGeneration(object: KubeObject): void {
  object.metadata.generation = 1
}

/** Counts up where `changed`; a client's own number never counts. */
export function nextGeneration(object: KubeObject, old: KubeObject, changed: boolean): void {
  const generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0)
  if (generation === 0) delete object.metadata.generation
  else object.metadata.generation = generation
}

export function bumpGenerationWhenSpecChanges(object: WithSpec, old: WithSpec): void {
  nextGeneration(object, old, !semanticallyEqual(object.spec, old.spec))
}

export function carryStatus(object: WithStatus, old: WithStatus): void {
  if (old.status === undefined) delete object.status
  else object.status = old.status
}

/** For kinds with a generation and a status: a new object starts with `empty`, an update keeps what stands. */
export function generationAndStatus<T extends WithSpec & { status?: unknown }>(empty: () => T['status']): Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate' | 'resetFields'> {
  return {
    prepareForCreate(object) {
      object.status = empty()
      startGeneration(object)
    },
    prepareForUpdate(object, old) {
      carryStatus(object, old)
      bumpGenerationWhenSpecChanges(object, old)
    },
    resetFields: [['status']],
  }
}

/** For kinds with a status but no generation. */
export function statusApart<T extends WithStatus>(empty: () => T['status']): Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate' | 'resetFields'> {
  return {
    prepareForCreate(object) {
      object.status = empty()
    },
    prepareForUpdate: carryStatus,
    resetFields: [['status']],
  }
}

/** For kinds with a generation and no status. */
export function generationOnly<T extends WithSpec>(): Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate'> {
  return { prepareForCreate: startGeneration, prepareForUpdate: bumpGenerationWhenSpecChanges }
}

export function immutable(errors: FieldErrors, field: string, value: unknown, old: unknown): void {
  if (!semanticallyEqual(value, old)) errors.at(field).invalid(value ?? null, 'field is immutable')
}
