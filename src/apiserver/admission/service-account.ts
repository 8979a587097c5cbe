import { pods } from '#api/core/v1/pod'
import { serviceaccounts } from '#api/core/v1/service-account'
import type { Container, EphemeralContainer, Pod, ServiceAccount, Volume, VolumeMount } from '#api/core/v1/types'
import { generateName } from '#apimachinery/generate-name'
import { getOrLive } from '../authentication/objects'
import type { ObjectReader } from '../authentication/objects'
import { secretNamesOf } from '#component-helpers/pod-secrets'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

const mirror = 'kubernetes.io/config.mirror'
const enforceMountable = 'kubernetes.io/enforce-mountable-secrets'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
/** A new namespace's `default` account is made by a controller: pods that come at once wait this long for it. */
const patienceMs = 1500

/** Every pod runs as a service account of its namespace: the account's token is mounted, its pull secrets are taken over. */
export function serviceAccount({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const find = (namespace: string, name: string): ServiceAccount | undefined | Promise<ServiceAccount | undefined> => {
    const found = getOrLive(objects, serviceaccounts, { namespace, name })
    if (!(found instanceof Promise) || name !== 'default') return found
    return found.then((account) => account ?? objects.appears(serviceaccounts, { namespace, name }, patienceMs))
  }
  /** Calls `next` with the pod's account, at once where it is in memory. */
  const withAccount = (request: AdmissionRequest, pod: Pod, next: (account: ServiceAccount) => void): void | Promise<void> => {
    const name = pod.spec.serviceAccountName
    if (!name) throw refuse(request, `no service account specified for pod ${request.namespace}/${pod.metadata.name ?? ''}`)
    const settle = (account: ServiceAccount | undefined): void => {
      if (!account) throw refuse(request, `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)
      next(account)
    }
    const account = find(request.namespace, name)
    return account instanceof Promise ? account.then(settle) : settle(account)
  }

  return {
    name: 'ServiceAccount',
    handles: (operation, resource, subresource) =>
      (operation === 'CREATE' && isFor(resource, subresource, pods)) || (operation === 'UPDATE' && subresource === 'ephemeralcontainers' && isFor(resource, '', pods)),
    admit(request) {
      if (request.operation !== 'CREATE') return
      const pod = request.object as Pod
      // Whoever runs a mirror pod compares it with a file: it is not touched.
      if (isMirror(pod)) return checkMirror(request, pod)
      const { spec } = pod
      if (!spec.serviceAccountName) spec.serviceAccountName = 'default'
      return withAccount(request, pod, (account) => {
        if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod)
        if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }))
      })
    },
    validate(request) {
      const pod = request.object as Pod
      if (request.operation === 'CREATE' && isMirror(pod)) return checkMirror(request, pod)
      return withAccount(request, pod, (account) => {
        if (account.metadata.annotations?.[enforceMountable] !== 'true') return
        const wrong = request.operation === 'CREATE' ? notMountable(pod, account) : firstNotMountable(pod.spec.ephemeralContainers, 'ephemeral container', account)
        if (wrong) throw refuse(request, wrong)
      })
    },
  }
}

const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[mirror] !== undefined

function checkMirror(request: AdmissionRequest, pod: Pod): void {
  if (pod.spec.serviceAccountName) throw refuse(request, 'a mirror pod may not reference service accounts')
  for (const _secret of secretNamesOf(pod)) throw refuse(request, 'a mirror pod may not reference secrets')
  const projects = pod.spec.volumes?.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken))
  if (projects) throw refuse(request, 'a mirror pod may not use ServiceAccountToken volume projections')
}

/** Containers that mount something of their own at the token's place keep it. */
function mountToken({ spec }: Pod): void {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))
  const name = existing?.name ?? generateName(volumePrefix)
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue
    const mount: VolumeMount = { name, readOnly: true, mountPath }
    container.volumeMounts = [...(container.volumeMounts ?? []), mount]
    needed = true
  }
  if (!existing && needed) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        // Asked for exactly, an hour and seven seconds tells the server that this is a pod's own token (see rests.ts).
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  }
}

function notMountable({ spec }: Pod, account: ServiceAccount): string | undefined {
  const mountable = new Set(account.secrets?.map(({ name }) => name))
  const because = `is not allowed because service account ${account.metadata.name} does not reference that`
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !mountable.has(secret.secretName)) return `volume with secret.secretName="${secret.secretName ?? ''}" ${because} secret`
  }
  const inContainers = firstNotMountable(spec.initContainers, 'init container', account) ?? firstNotMountable(spec.containers, 'container', account)
  if (inContainers) return inContainers
  const pullable = new Set(account.imagePullSecrets?.map(({ name }) => name))
  const index = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pullable.has(name))
  return index < 0 ? undefined : `imagePullSecrets[${index}].name="${spec.imagePullSecrets![index]!.name ?? ''}" ${because} imagePullSecret`
}

function firstNotMountable(containers: readonly (Container | EphemeralContainer)[] | undefined, what: string, account: ServiceAccount): string | undefined {
  const mountable = new Set(account.secrets?.map(({ name }) => name))
  const because = `is not allowed because service account ${account.metadata.name} does not reference that secret`
  for (const { name, env = [], envFrom = [] } of containers ?? []) {
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef?.name
      if (valueFrom?.secretKeyRef && !mountable.has(secret)) return `${what} ${name} with envVar ${variable} referencing secret.secretName="${secret ?? ''}" ${because}`
    }
    for (const { secretRef } of envFrom) {
      if (secretRef && !mountable.has(secretRef.name)) return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}" ${because}`
    }
  }
  return undefined
}
