import { defineResource, schemaIn } from '#apimachinery/resource'
import { optionalOneOf } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { bumpGenerationWhenSpecChanges, immutable } from '../../strategies'
import type { CSIDriver } from './types'

const tokensMayBeLogged = 'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'
const flag = (name: string, value: (driver: CSIDriver) => boolean) => ({ name, type: 'boolean' as const, value })

export const csidrivers = defineResource<CSIDriver>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', resource: 'csidrivers', namespaced: false,
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSIDriver') } },
  metadataChecks: { whole: 0, update: 1 },
  allowUnconditionalUpdate: false,

  prepareForCreate({ spec }, { enabled }) {
    if (!enabled('VolumeLimitScaling')) delete spec.preventPodSchedulingIfMissing
  },
  prepareForUpdate(driver, old, { enabled }) {
    if (!enabled('VolumeLimitScaling') && old.spec.preventPodSchedulingIfMissing === undefined) delete driver.spec.preventPodSchedulingIfMissing
    bumpGenerationWhenSpecChanges(driver, old)
  },
  defaults({ spec }) {
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    optionalOneOf(at, 'fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'])
    const audiences = new Set<string>()
    for (const [i, { audience, expirationSeconds }] of (spec.tokenRequests ?? []).entries()) {
      const request = at.at('tokenRequests', i)
      if (audiences.has(audience)) {
        request.at('audience').duplicate(audience)
        continue
      }
      audiences.add(audience)
      if (expirationSeconds === undefined) continue
      if (expirationSeconds < 600) request.at('expirationSeconds').invalid(expirationSeconds, 'may not specify a duration less than 10 minutes')
      if (expirationSeconds > 2 ** 32) request.at('expirationSeconds').invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')
    }
    for (const mode of spec.volumeLifecycleModes ?? []) {
      if (mode !== 'Persistent' && mode !== 'Ephemeral') at.at('volumeLifecycleModes').notSupported(mode, ['Persistent', 'Ephemeral'])
    }
    const seconds = spec.nodeAllocatableUpdatePeriodSeconds
    if (seconds !== undefined && seconds < 10) at.at('nodeAllocatableUpdatePeriodSeconds').invalid(seconds, 'must be greater than or equal to 10 seconds')
    const inSecrets = spec.serviceAccountTokenInSecrets
    if (inSecrets !== undefined && !spec.tokenRequests?.length) {
      at.at('serviceAccountTokenInSecrets').invalid(inSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified')
    }
  },
  validateUpdate({ spec }, old, errors) {
    const at = errors.at('spec')
    // So it is called in the original's errors.
    immutable(at, 'attachedRequired', spec.attachRequired, old.spec.attachRequired)
    immutable(at, 'volumeLifecycleModes', spec.volumeLifecycleModes, old.spec.volumeLifecycleModes)
  },
  warnings({ spec }, old) {
    const changed = !old || !semanticallyEqual(spec.tokenRequests, old.spec.tokenRequests)
    return changed && spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined ? [tokensMayBeLogged] : []
  },

  columns: [
    nameColumn,
    flag('AttachRequired', ({ spec }) => spec.attachRequired ?? true),
    flag('PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false),
    flag('StorageCapacity', ({ spec }) => spec.storageCapacity ?? false),
    column('TokenRequests', ({ spec }) => spec.tokenRequests?.map((request) => request.audience).join(',') ?? '<unset>'),
    flag('RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false),
    column('Modes', ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn,
  ],
})
