import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import type { StorageClass } from '#api/storage/v1/types'
import { keyOf } from '#apimachinery/object'
import { claimsOfPod, classOfClaim } from '#component-helpers/volumes'
import { type Cached, defineController, on, statusOf } from '#controller-runtime/controller'
import { syncClaim } from './claims'
import type { ReclaimOptions } from './reclaim'
import { syncVolume } from './volumes'

/**
 * Binds claims to volumes. Keys are `claim/<namespace>/<name>` and `volume/<name>`: what happens to one side wakes the other,
 * and nothing is tried on a timer, as the original does every 15 seconds.
 */
export function persistentVolumeBinder(options: ReclaimOptions = {}) {
  return defineController({
    name: 'persistentvolume-binder-controller',
    serviceAccount: 'persistent-volume-binder',
    component: 'persistentvolume-controller',
    watches: [
      on(persistentvolumeclaims, ofClaim, { indexes: { class: unboundByClass } }),
      on(persistentvolumes, ofVolume, { indexes: { claim: claimOf } }),
      on(storageclasses, ofClass),
      // A claim that waits for its first consumer tells which pod it waits for.
      on(pods, (pod) => claimsOfPod(pod).map(({ name }) => `claim/${pod.metadata.namespace}/${name}`), { indexes: { claim: claimsOfPending }, when: (pod, old) => !pod !== !old }),
    ],
    writes: [persistentvolumeclaims, statusOf(persistentvolumeclaims), persistentvolumes, statusOf(persistentvolumes)],
    // One after another: two claims would otherwise want the same volume, and one would be refused.
    workers: 1,

    async reconcile(key, context) {
      const [kind, ...rest] = key.split('/')
      const name = rest.join('/')
      if (kind === 'claim') {
        const claim = context.cached(persistentvolumeclaims).get(name)
        return claim && syncClaim(claim, context)
      }
      const volume = context.cached(persistentvolumes).get(name)
      return volume && syncVolume(volume, context, options)
    },
  })
}

const claimKey = (claim: PersistentVolumeClaim): string => `claim/${keyOf(claim)}`

function* ofClaim(claim: PersistentVolumeClaim, cached: Cached): Iterable<string> {
  yield claimKey(claim)
  if (claim.spec.volumeName) yield `volume/${claim.spec.volumeName}`
  // A volume that is kept for it learns that it came or went.
  for (const volume of cached(persistentvolumes).by('claim', keyOf(claim))) yield `volume/${volume.metadata.name}`
}

/** A volume that is free, or kept for somebody, may be what claims wait for. */
function* ofVolume(volume: PersistentVolume, cached: Cached): Iterable<string> {
  yield `volume/${volume.metadata.name}`
  const claims = cached(persistentvolumeclaims)
  const [kept] = claimOf(volume)
  if (kept !== undefined) {
    yield `claim/${kept}`
    return
  }
  for (const claim of claims.by('class', volume.spec.storageClassName ?? '')) yield claimKey(claim)
  for (const claim of claims.by('class', `=${volume.metadata.name}`)) yield claimKey(claim)
}

function* ofClass(storageClass: StorageClass, cached: Cached): Iterable<string> {
  for (const claim of cached(persistentvolumeclaims).by('class', storageClass.metadata.name)) yield claimKey(claim)
  // It may be the default now for claims that name none.
  for (const claim of cached(persistentvolumeclaims).by('class', '')) yield claimKey(claim)
}

/** Claims that have no volume yet, by their class; one that asks for a volume by `=name` too. */
function unboundByClass(claim: PersistentVolumeClaim): string[] {
  if (claim.status.phase === 'Bound') return []
  const { volumeName } = claim.spec
  return volumeName ? [classOfClaim(claim), `=${volumeName}`] : [classOfClaim(claim)]
}

const claimOf = ({ spec: { claimRef } }: PersistentVolume): string[] => (claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : [])
const claimsOfPending = (pod: Pod): string[] => (pod.spec.nodeName ? [] : claimsOfPod(pod).map(({ name }) => `${pod.metadata.namespace}/${name}`))
