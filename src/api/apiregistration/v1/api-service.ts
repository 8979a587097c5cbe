import { isDns1035Label, isDns1123Subdomain, nameIsPathSegment } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { statusApart } from '../../strategies'
import type { APIService } from './types'

const statuses = ['True', 'False', 'Unknown']

export const apiservices = defineResource<APIService>({
  group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', resource: 'apiservices', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'apiregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'APIService') } },
  allowUnconditionalUpdate: false,
  // Names begin with a version and end with a group, which the core group's lacks: `v1.`
  validateName: nameIsPathSegment,
  subresources: {
    status: statusOnly<APIService>({
      validateUpdate({ status }, _old, errors) {
        for (const [i, condition] of (status.conditions ?? []).entries()) {
          if (!statuses.includes(condition.status)) errors.at('status', 'conditions', i, 'status').notSupported(condition.status, statuses)
        }
      },
    }),
  },

  ...statusApart<APIService>(() => ({})),
  prepareForCreate(apiService, { now }) {
    // Nobody needs to ask whether this server answers.
    apiService.status = apiService.spec.service ? {} : { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: now, reason: 'Local', message: 'Local APIServices are always available' }] }
  },
  defaults({ spec }) {
    if (spec.service) spec.service.port ??= 443
  },
  validate({ metadata, spec }, errors) {
    const { group = '', version = '', groupPriorityMinimum, versionPriority, service, caBundle, insecureSkipTLSVerify } = spec
    const expected = `${version}.${group}`
    if (metadata.name !== expected) errors.at('metadata', 'name').invalid(metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`)
    const at = errors.at('spec')
    if (group === '' && version !== 'v1') at.at('group').required('only v1 may have an empty group and it better be legacy kube')
    if (group !== '') for (const problem of isDns1123Subdomain(group)) at.at('group').invalid(group, problem)
    for (const problem of isDns1035Label(version)) at.at('version').invalid(version, problem)
    if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000) at.at('groupPriorityMinimum').invalid(groupPriorityMinimum, 'must be positive and less than 20000')
    if (versionPriority <= 0 || versionPriority > 1000) at.at('versionPriority').invalid(versionPriority, 'must be positive and less than 1000')
    if (!service) {
      if (caBundle) at.at('caBundle').invalid(`${bytesIn(caBundle)} bytes`, 'local APIServices may not have a caBundle')
      if (insecureSkipTLSVerify) at.at('insecureSkipTLSVerify').invalid(true, 'local APIServices may not have insecureSkipTLSVerify')
      return
    }
    if (!service.namespace) at.at('service', 'namespace').required()
    if (!service.name) at.at('service', 'name').required()
    const { port } = service
    if (port !== undefined && (port < 1 || port > 65535)) at.at('service', 'port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive')
    if (insecureSkipTLSVerify && caBundle) at.at('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present')
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

/** Of base64 text. */
const bytesIn = (text: string): number => Math.floor((text.replaceAll('=', '').length * 3) / 4)
