import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { loadBalancerText } from '#api/core/v1/service'
import { dnsSubdomain } from '../../field-checks'
import { ipAddress, ipWarnings, isIP } from '../../ip-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { validateIngress } from './ingress-validation'
import type { Ingress, IngressRule } from './types'

const classAnnotation = 'kubernetes.io/ingress.class'

export const ingresses = defineResource<Ingress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', resource: 'ingresses', namespaced: true,
  shortNames: ['ing'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Ingress') } },
  subresources: {
    status: statusOnly({
      validateUpdate({ status }, old, errors) {
        const known = (old.status.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
        for (const [i, { ip, hostname }] of (status.loadBalancer?.ingress ?? []).entries()) {
          const at = errors.at('status', 'loadBalancer', 'ingress', i)
          if (ip) ipAddress(at, 'ip', ip, known)
          if (!hostname) continue
          dnsSubdomain(at, 'hostname', hostname)
          if (isIP(hostname)) at.at('hostname').invalid(hostname, 'must be a DNS name, not an IP address')
        }
      },
      warnings: ({ status }) => (status.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) => (ip ? ipWarnings(`status.loadBalancer.ingress[${i}]`, ip) : [])),
    }),
  },

  ...generationAndStatus<Ingress>(() => ({ loadBalancer: {} })),
  validateUpdate: ({ spec }, old, errors) => validateIngress(spec, errors.at('spec'), old.spec),
  validateCreate({ metadata, spec }, errors) {
    validateIngress(spec, errors.at('spec'))
    const annotated = metadata.annotations?.[classAnnotation]
    if (annotated !== undefined && spec.ingressClassName !== undefined && annotated !== spec.ingressClassName) {
      errors.at('annotations', classAnnotation).invalid(annotated, 'must match `ingressClassName` when both are specified')
    }
  },
  warnings({ metadata, spec }, old) {
    return old || spec.ingressClassName !== undefined || metadata.annotations?.[classAnnotation] === undefined ? [] : [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
  },

  columns: [
    nameColumn,
    column('Class', ({ spec }) => spec.ingressClassName ?? '<none>'),
    column('Hosts', ({ spec }) => hostsText(spec.rules)),
    column('Address', ({ status }) => loadBalancerText(status.loadBalancer?.ingress)),
    column('Ports', ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
})

function hostsText(rules: readonly IngressRule[] = []): string {
  const hosts: string[] = []
  for (const { host } of rules) {
    // Whether there are more is told by any rule behind the third host, with a host or without.
    if (hosts.length === 3) return `${hosts.join(',')} + ${rules.length - 3} more...`
    if (host) hosts.push(host)
  }
  return hosts.join(',') || '*'
}
