import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolumeClaim } from '#api/core/v1/types'
import { keyOf } from '#apimachinery/object'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import type { Informer } from '#client/informer'
import { isFullyBound, volumeAnnotations } from '#component-helpers/volumes'
import type { Bindings } from './pod-claims'

/** How long the binder, or a provisioner, is waited for; then the pod is scheduled anew. */
const bindTimeoutMs = 600_000

export interface BindVolumesDeps { client: Client; claims: Informer<PersistentVolumeClaim>; clock: Clock; signal: AbortSignal }

/** Writes which volume a claim gets, or on which node one is to be made for it, and waits until all are bound. */
export async function bindVolumes({ statics, provision }: Bindings, node: string, { client, claims, clock, signal }: BindVolumesDeps): Promise<void> {
  for (const { claim, volume } of statics) {
    if (volume.spec.claimRef?.uid === claim.metadata.uid) continue
    const { namespace, name, uid, resourceVersion } = claim.metadata
    const chosen = volume.spec.claimRef ? {} : { [volumeAnnotations.boundByController]: 'yes' }
    await client.update(persistentvolumes, {
      ...volume,
      metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...chosen } },
      spec: { ...volume.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion } },
    })
  }
  for (const { metadata: { namespace, name, resourceVersion } } of provision)
    await client.patch(persistentvolumeclaims, { namespace: namespace!, name }, { metadata: { resourceVersion, annotations: { [volumeAnnotations.selectedNode]: node } } }, { type: 'merge' })
  const waiting = new Map([...statics.map(({ claim }) => claim), ...provision].map((claim) => [keyOf(claim), claim]))
  const asked = new Set(provision.map(keyOf))
  if (waiting.size > 0) await allBound(waiting, asked, { claims, clock, signal })
}

async function allBound(waiting: Map<string, PersistentVolumeClaim>, asked: Set<string>, { claims, clock, signal }: Omit<BindVolumesDeps, 'client'>): Promise<void> {
  const done = createDeferred()
  const look = (claim: PersistentVolumeClaim | undefined, old: PersistentVolumeClaim | undefined): void => {
    const key = keyOf((claim ?? old)!)
    if (!waiting.has(key)) return
    if (!claim) return done.reject(new Error(`error getting PVC ${JSON.stringify(key)}: it was deleted`))
    // The provisioner gave up on the node: another one is looked for.
    const { selectedNode } = volumeAnnotations
    if (asked.has(key) && old?.metadata.annotations?.[selectedNode] !== undefined && claim.metadata.annotations?.[selectedNode] === undefined) return done.reject(new Error(`provisioning failed for PVC ${JSON.stringify(claim.metadata.name)}`))
    if (!isFullyBound(claim)) return
    waiting.delete(key)
    if (waiting.size === 0) done.resolve()
  }
  const aborted = (): void => done.reject(signal.reason as Error)
  signal.addEventListener('abort', aborted, { once: true })
  const timer = clock.after(bindTimeoutMs, () => done.reject(new Error('binding volumes: context deadline exceeded')))
  const subscription = claims.on(look)
  try {
    await done.promise
  } finally {
    signal.removeEventListener('abort', aborted)
    timer[Symbol.dispose]()
    subscription[Symbol.dispose]()
  }
}
