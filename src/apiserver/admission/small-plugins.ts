import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import type { Binding, Node, Pod, Service } from '#api/core/v1/types'
import { ingresses } from '#api/networking/v1/ingress'
import { ingressclasses } from '#api/networking/v1/ingress-class'
import type { Ingress } from '#api/networking/v1/types'
import { isQualifiedName } from '#apimachinery/names'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin } from './plugin'
import { isFor, refuse } from './refuse'
import { newestDefault } from './storage-plugins'

/** A new node takes no pods until the node controller has seen that it is ready. */
export function taintNodesByCondition(): AdmissionPlugin {
  return {
    name: 'TaintNodesByCondition',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, nodes),
    admit({ object }) {
      const node = object as Node
      node.spec ??= {}
      const { taints = [] } = node.spec
      const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
      if (!taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) node.spec.taints = [...taints, taint]
    },
  }
}

/** An Ingress that asks for no class gets the default one. */
export function defaultIngressClass({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, ingresses),
    admit({ object }) {
      const { metadata, spec } = object as Ingress
      if (!spec || spec.ingressClassName !== undefined || metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
      const found = newestDefault(objects.list(ingressclasses), 'ingressclass.kubernetes.io/is-default-class')
      if (found) spec.ingressClassName = found.metadata.name
    },
  }
}

const topology = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** A pod that is bound learns its node's zone and region, so that it can read them through the downward API. */
export function podTopologyLabels({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, '', pods) && (subresource === '' || subresource === 'binding'),
    admit({ object, subresource }) {
      const target = subresource === 'binding' ? (object as unknown as Binding).target : undefined
      const name = target ? (target.kind === 'Node' ? target.name : undefined) : (object as Pod).spec?.nodeName
      const labels = name ? objects.get(nodes, { name })?.metadata.labels : undefined
      for (const label of topology) {
        const value = labels?.[label]
        if (value !== undefined) object!.metadata.labels = { ...object!.metadata.labels, [label]: value }
      }
    },
  }
}

/** Pods keep away from each other by host name only: anything wider would keep others from whole zones. */
export function limitPodHardAntiAffinityTopology(): AdmissionPlugin {
  const allowed = 'kubernetes.io/hostname'
  return {
    name: 'LimitPodHardAntiAffinityTopology',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, pods),
    validate(request) {
      const terms = (request.object as Pod).spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
      const other = terms.find(({ topologyKey }) => topologyKey !== allowed)
      if (other) throw refuse(request, `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key ${allowed} is allowed`)
    },
  }
}

/** A pod that asks for a special resource tolerates the taint of that name, which keeps others from such nodes. */
export function extendedResourceToleration(): AdmissionPlugin {
  return {
    name: 'ExtendedResourceToleration',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, pods),
    admit({ object }) {
      const { spec } = object as Pod
      const asked = new Set([...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) => Object.keys(resources?.requests ?? {}).filter(isExtended)))
      for (const key of [...asked].sort()) {
        const { tolerations = [] } = spec
        if (!tolerations.some((one) => one.key === key && one.operator === 'Exists' && one.effect === 'NoSchedule' && !one.value)) spec.tolerations = [...tolerations, { key, operator: 'Exists', effect: 'NoSchedule' }]
      }
    },
  }
}

const isExtended = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0

/** Nobody draws the traffic for an address to his pods that is not there already. */
export function denyServiceExternalIPs(): AdmissionPlugin {
  return {
    name: 'DenyServiceExternalIPs',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, services),
    validate(request) {
      const [asked, before] = [(request.object as Service).spec.externalIPs ?? [], (request.old as Service | undefined)?.spec.externalIPs ?? []]
      if (asked.some((ip) => !before.includes(ip))) throw refuse(request, 'Use of external IPs is denied by admission control')
    },
  }
}
