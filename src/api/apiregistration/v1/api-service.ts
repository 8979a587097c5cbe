import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { statusApart } from '../../strategies'
import type { APIService } from './types'

export const apiservices = defineResource<APIService>({
  group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', resource: 'apiservices', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'apiregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'APIService') } },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly(),
  },

  ...statusApart<APIService>(() => ({})),
  defaults({ spec }) {
    if (spec.service) spec.service.port ??= 443
  },
  validate({ metadata, spec }, errors) {
    const expected = `${spec.version ?? ''}.${spec.group ?? ''}`
    if (metadata.name !== expected) errors.at('metadata', 'name').invalid(metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`)
    const at = errors.at('spec')
    if (!spec.version) at.at('version').required()
    const { groupPriorityMinimum, versionPriority } = spec
    if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000) at.at('groupPriorityMinimum').invalid(groupPriorityMinimum, 'must be positive and less than 20000')
    if (versionPriority <= 0 || versionPriority > 1000) at.at('versionPriority').invalid(versionPriority, 'must be positive and less than 1000')
    if (!spec.service) {
      if (spec.caBundle) at.at('caBundle').invalid(`${spec.caBundle.length} bytes`, 'local APIServices may not have a caBundle')
      if (spec.insecureSkipTLSVerify) at.at('insecureSkipTLSVerify').invalid(true, 'local APIServices may not have insecureSkipTLSVerify')
      return
    }
    if (!spec.service.namespace) at.at('service', 'namespace').required()
    if (!spec.service.name) at.at('service', 'name').required()
    if (spec.insecureSkipTLSVerify && spec.caBundle) at.at('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present')
  },
  columns: [
    nameColumn,
    column('Service', ({ spec }) => (spec.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local')),
    column('Available', ({ status }) => {
      const available = status.conditions?.find((condition) => condition.type === 'Available')
      if (!available) return 'Unknown'
      return available.status === 'True' || !available.reason ? available.status : `${available.status} (${available.reason})`
    }),
    ageColumn,
  ],
})
