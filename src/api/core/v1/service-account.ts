import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest } from '#apimachinery/subresources'
import { ageColumn, nameColumn } from '../../printing'
import type { ServiceAccount } from './types'

export const serviceaccounts = defineResource<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', namespaced: true,
  shortNames: ['sa'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ServiceAccount') } },
  subresources: { token: rest(['create'], { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }) },

  warnings({ secrets, metadata }) {
    const found: string[] = []
    if (secrets?.length) {
      const names = new Set<string>()
      for (const [i, { name = '' }] of secrets.entries()) {
        if (names.has(name)) found.push(`secrets[${i}].name: duplicate name ${JSON.stringify(name)}`)
        names.add(name)
      }
    }
    if (metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] !== undefined) {
      found.push('metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets')
    }
    return found
  },

  columns: [nameColumn, ageColumn],
})
