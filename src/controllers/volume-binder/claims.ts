import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import type { PersistentVolumeClaim } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import type { StorageClass } from '#api/storage/v1/types'
import { keyOf } from '#apimachinery/object'
import { classOfClaim, findVolume, isBoundTo, mismatch, volumeAnnotations, waitsForConsumer } from '#component-helpers/volumes'
import type { ReconcileContext } from '#controller-runtime/controller'
import { bind, setClaimStatus } from './bind'

type Context = Pick<ReconcileContext<unknown>, 'cached' | 'client' | 'tell'>

/** Finds a volume for a claim, finishes what was begun, and says so when its volume is lost. */
export async function syncClaim(claim: PersistentVolumeClaim, context: Context): Promise<void> {
  if (claim.metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined) return syncBound(claim, context)
  return claim.spec.volumeName ? syncNamed(claim, claim.spec.volumeName, context) : syncOpen(claim, context)
}

/** It takes what suits it. */
async function syncOpen(claim: PersistentVolumeClaim, context: Context): Promise<void> {
  const { cached, client, tell } = context
  const className = classOfClaim(claim)
  const storageClass = className ? cached(storageclasses).get(className) : undefined
  const waits = waitsForConsumer(storageClass)
  const volume = findVolume(claim, cached(persistentvolumes).list(), { keptOnly: waits })
  if (volume) return bind(volume, claim, client)
  if (claim.spec.storageClassName === undefined && !className) {
    const standard = defaultClass(cached(storageclasses).list())
    // It was made before there was a default.
    if (standard) return void (await client.update(persistentvolumeclaims, { ...claim, spec: { ...claim.spec, storageClassName: standard.metadata.name } }))
  }
  if (waits && !claim.metadata.annotations?.[volumeAnnotations.selectedNode]) {
    const waiting = cached(pods).by('claim', keyOf(claim)).map(({ metadata }) => metadata.name).sort()
    if (waiting.length === 0) tell(persistentvolumeclaims, claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
    else tell(persistentvolumeclaims, claim, 'Normal', 'WaitForPodScheduled', `waiting for pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')} to be scheduled`)
  } else if (className) return provision(claim, className, storageClass, context)
  else tell(persistentvolumeclaims, claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
  await setClaimStatus(claim, 'Pending', undefined, client)
}

/** Volumes are made by provisioners that run in the cluster: the claim says which one is asked. */
async function provision(claim: PersistentVolumeClaim, className: string, storageClass: StorageClass | undefined, { client, tell }: Context): Promise<void> {
  const fail = (why: string): void => tell(persistentvolumeclaims, claim, 'Warning', 'ProvisioningFailed', why)
  if (!storageClass) return fail(`storageclass.storage.k8s.io "${className}" not found`)
  const { provisioner } = storageClass
  // Built-in ones have that prefix, and none is left in Kubernetes.
  if (provisioner.startsWith('kubernetes.io/')) return fail(`no volume plugin matched name: ${provisioner}`)
  const { provisioner: name, betaProvisioner } = volumeAnnotations
  const { annotations } = claim.metadata
  // The role that Kubernetes gives this controller lets it update, not patch.
  if (annotations?.[name] !== provisioner || annotations[betaProvisioner] !== provisioner)
    await client.update(persistentvolumeclaims, { ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, [name]: provisioner, [betaProvisioner]: provisioner } } })
  tell(
    persistentvolumeclaims, claim, 'Normal', 'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  )
}

/** The newest of those that are marked; of equals the first by name. */
function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const marked = classes.filter(({ metadata: { annotations } }) => annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true')
  return [...marked].sort((a, b) => compare(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') || compare(a.metadata.name, b.metadata.name))[0]
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** It asks for one volume by name. */
async function syncNamed(claim: PersistentVolumeClaim, name: string, { cached, client, tell }: Context): Promise<void> {
  const volume = cached(persistentvolumes).get(name)
  if (volume && isBoundTo(volume, claim)) return bind(volume, claim, client)
  if (volume?.spec.claimRef) tell(persistentvolumeclaims, claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`)
  else if (volume) {
    const why = mismatch(volume, claim)
    if (!why) return bind(volume, claim, client)
    tell(persistentvolumeclaims, claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`)
  }
  await setClaimStatus(claim, 'Pending', undefined, client)
}

async function syncBound(claim: PersistentVolumeClaim, { cached, client, tell }: Context): Promise<void> {
  const lost = async (reason: string, message: string): Promise<void> => {
    if (await setClaimStatus(claim, 'Lost', undefined, client)) tell(persistentvolumeclaims, claim, 'Warning', reason, message)
  }
  const { volumeName } = claim.spec
  if (!volumeName) return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  const volume = cached(persistentvolumes).get(volumeName)
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  const { claimRef } = volume.spec
  if (!claimRef || claimRef.uid === claim.metadata.uid || isBoundTo(volume, claim)) return bind(volume, claim, client)
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}
