import type { ApiError } from '#apimachinery/api-error'
import { forbidden } from '#apimachinery/api-error'
import type { Resource } from '#apimachinery/resource'
import type { AdmissionRequest } from './plugin'

/** A 403 as admission words it: an object that has no name yet goes by its prefix. */
export function refuse({ name, object, resource }: AdmissionRequest, why: string): ApiError {
  const metadata = object?.metadata
  return forbidden(resource, name || metadata?.name || metadata?.generateName || 'Unknown', why)
}

/** `isFor(resource, subresource, pods)`: about the objects themselves, not about a subresource. */
export function isFor({ group, resource }: Resource, subresource: string, wanted: { group: string; resource: string }): boolean {
  return subresource === '' && resource === wanted.resource && group === wanted.group
}
