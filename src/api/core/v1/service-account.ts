import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest } from '#apimachinery/subresources'
import { ageColumn, nameColumn } from '../../printing'
import type { ServiceAccount } from './types'

const enforced = 'kubernetes.io/enforce-mountable-secrets'

export const serviceaccounts = defineResource<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', namespaced: true,
  shortNames: ['sa'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ServiceAccount') } },
  subresources: { token: rest(['create'], { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }) },

  prepareForCreate: nameSecretsAlone,
  prepareForUpdate: nameSecretsAlone,
  warnings: ({ metadata }, old) =>
    metadata.annotations?.[enforced] === undefined || old?.metadata.annotations?.[enforced] !== undefined
      ? []
      : [`metadata.annotations[${enforced}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`],

  columns: [nameColumn, ageColumn],
})

/** They are of the same namespace, and what else a reference can say is not heeded. */
function nameSecretsAlone(account: ServiceAccount): void {
  if (account.secrets?.some((secret) => Object.keys(secret).some((field) => field !== 'name'))) {
    account.secrets = account.secrets.map(({ name }) => (name ? { name } : {}))
  }
}
