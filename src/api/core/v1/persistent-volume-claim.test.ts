import { expect, test } from 'vitest'
import { updateRefusals } from '../../testing/written'
import { persistentvolumeclaims } from './persistent-volume-claim'

const claim = (storage: string): { spec: object } => ({ spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage } } } })

test('a claim that is not bound may not shrink; the difference is of the structure that Go prints', async () => {
  expect(await updateRefusals(persistentvolumeclaims, claim('1Gi'), claim('500Mi'))).toEqual([[
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    '@@ -6,7 +6,7 @@', '  "Resources": {', '   "Limits": null,', '   "Requests": {', '-   "storage": "1Gi"', '+   "storage": "500Mi"', '   }', '  },', '  "VolumeName": "",', '',
  ].join('\n')])
})
