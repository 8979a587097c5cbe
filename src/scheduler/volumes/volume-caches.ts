import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolume, PersistentVolumeClaim } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import type { StorageClass } from '#api/storage/v1/types'
import type { Informer, Informers } from '#client/informer'
import { classOfClaim } from '#component-helpers/volumes'

/** Claims, volumes and classes as the caches show them. */
export interface VolumeCaches {
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  classOf(claim: PersistentVolumeClaim): StorageClass | undefined
  /** Volumes that were promised to a claim, by volume; the caches do not show it yet. */
  readonly promised: Map<string, string>
}

export function volumeCachesFrom(informers: Informers): VolumeCaches {
  const classes = informers.get(storageclasses)
  return {
    claims: informers.get(persistentvolumeclaims),
    volumes: informers.get(persistentvolumes),
    classOf(claim) {
      const name = classOfClaim(claim)
      return name ? classes.get(name) : undefined
    },
    promised: new Map(),
  }
}
