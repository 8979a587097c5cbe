import type { Input } from '#apimachinery/object'
import { formatTime } from '#apimachinery/time'
import { commonEncodingVersion } from './storage-version'
import type { ServerStorageVersion, StorageVersion, StorageVersionCondition } from './types'

/** The object with what servers say now, and whether they agree. `now` in milliseconds. */
export function withCommonEncodingVersion(object: StorageVersion, storageVersions: readonly ServerStorageVersion[], now: number): Input<StorageVersion> {
  const { commonEncodingVersion: before, conditions = [] } = object.status
  const common = commonEncodingVersion(storageVersions)
  const agreed = common !== undefined
  const standing = conditions.find(({ type }) => type === 'AllEncodingVersionsEqual')
  const status = agreed ? 'True' : 'False'
  // Agreed on something else: that is a change too.
  const changed = standing?.status !== status || (before !== undefined && agreed && before !== common)
  const condition: StorageVersionCondition = {
    ...standing, type: 'AllEncodingVersionsEqual', status, lastTransitionTime: changed ? formatTime(now) : standing.lastTransitionTime,
    reason: agreed ? 'CommonEncodingVersionSet' : 'CommonEncodingVersionUnset', message: agreed ? 'Common encoding version set' : 'Common encoding version unset',
  }
  return {
    ...object,
    status: {
      storageVersions: [...storageVersions], ...(agreed ? { commonEncodingVersion: common } : {}),
      conditions: standing ? conditions.map((one) => (one === standing ? condition : one)) : [...conditions, condition],
    },
  }
}
