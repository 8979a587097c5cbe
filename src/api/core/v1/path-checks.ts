// What paths inside volumes and mounts may look like.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Field } from '../../field-checks'

export function noBacksteps(errors: FieldErrors, field: Field, path: string): void {
  if (path.includes('..') && path.split('/').includes('..')) errors.at(field).invalid(path, "must not contain '..'")
}
/** Relative, and never up. */
export function descending(errors: FieldErrors, field: Field, path: string): void {
  if (path.startsWith('/')) errors.at(field).invalid(path, 'must be a relative path')
  noBacksteps(errors, field, path)
}
/** Names that begin with `..` belong to the kubelet's atomic writer. */
export function descendingAndFree(errors: FieldErrors, field: Field, path: string): void {
  descending(errors, field, path)
  if (path.startsWith('..') && !path.startsWith('../')) errors.at(field).invalid(path, "must not start with '..'")
}
export function fileMode(errors: FieldErrors, field: Field, mode: number | undefined | null): void {
  if (mode !== undefined && mode !== null && (mode < 0 || mode > 0o777)) errors.at(field).invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive')
}
