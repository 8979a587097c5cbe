import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolumeClaim } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import { volumeattributesclasses } from '#api/storage/v1/volume-attributes-class'
import type { KubeObject } from '#apimachinery/object'
import { compareQuantities } from '#apimachinery/quantity'
import type { Resource } from '#apimachinery/resource'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin } from './plugin'
import { isFor, refuse } from './refuse'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** Claims and volumes that are in use are not deleted: a finalizer holds them until their controllers let go. */
export function storageObjectInUseProtection(): AdmissionPlugin {
  const finalizers: readonly (readonly [{ group: string; resource: string }, string])[] = [
    [persistentvolumes, 'kubernetes.io/pv-protection'], [persistentvolumeclaims, 'kubernetes.io/pvc-protection'], [volumeattributesclasses, 'kubernetes.io/vac-protection'],
  ]
  const finalizerOf = (resource: Resource): string | undefined => finalizers.find(([kind]) => isFor(resource, '', kind))?.[1]
  return {
    name: 'StorageObjectInUseProtection',
    handles: (operation, resource, subresource) => operation === 'CREATE' && subresource === '' && finalizerOf(resource) !== undefined,
    admit({ object, resource }) {
      const { metadata } = object!
      const finalizer = finalizerOf(resource)!
      if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    },
  }
}

/** The newest of those that are marked as the default; of the same age the first by name. */
export function newestDefault<T extends KubeObject>(classes: readonly T[], ...annotations: readonly string[]): T | undefined {
  const marked = classes.filter(({ metadata }) => annotations.some((annotation) => metadata.annotations?.[annotation] === 'true'))
  const born = ({ metadata }: T): number => Date.parse(metadata.creationTimestamp ?? '') || 0
  return marked.sort((a, b) => born(b) - born(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]
}

/** A claim that asks for no class gets the default one. An empty class was asked for, and stays. */
export function defaultStorageClass({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, persistentvolumeclaims),
    admit({ object }) {
      const { metadata, spec } = object as PersistentVolumeClaim
      if (spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return
      const found = newestDefault(objects.list(storageclasses), 'storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class')
      if (found) spec.storageClassName = found.metadata.name
    },
  }
}

/** Only a bound claim of a class that says so may grow. */
export function persistentVolumeClaimResize({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''
  return {
    name: 'PersistentVolumeClaimResize',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && isFor(resource, subresource, persistentvolumeclaims),
    validate(request) {
      const [claim, old] = [request.object as PersistentVolumeClaim, request.old as PersistentVolumeClaim]
      const size = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0'
      if (compareQuantities(size(claim), size(old)) <= 0) return
      if (old.status?.phase !== 'Bound') throw refuse(request, 'Only bound persistent volume claims can be expanded')
      const name = classOf(claim)
      const grows = name !== '' && name === classOf(old) && objects.get(storageclasses, { name })?.allowVolumeExpansion === true
      if (!grows) throw refuse(request, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
    },
  }
}
