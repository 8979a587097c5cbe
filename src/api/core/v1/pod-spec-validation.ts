// A pod's spec, in pods and in templates. Each idea has a file of its own; this is the list of them.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { canonicalQuantity, compareQuantities } from '#apimachinery/quantity'
import { dnsLabel, dnsSubdomain, inRange, labels, oneOf, qualifiedName } from '../../field-checks'
import { validateAffinity } from './affinity-validation'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container-validation'
import { validateDns, validateHostAliases, validateHostnameOverride } from './dns-validation'
import { containerTotals } from './container-totals'
import { eachContainer } from './pod-containers'
import { validatePodResourceClaims, validateResources } from './resource-requirements-validation'
import { isHugePages } from './resource-names'
import { validateSchedulingGates, validateTolerations, validateTopologySpread } from './scheduling-validation'
import { validatePodSecurityContext } from './security-context-validation'
import { validateVolumes } from './volume-validation'
import { validateHostProcess, validateOs } from './windows-validation'
import type { PodSpec, Volume } from './types'

const noVolumes: ReadonlyMap<string, Volume> = new Map()
const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** `meta` is the pod's own metadata; templates have none, and may be looser in a few things that only pods must have. */
export function validatePodSpec(spec: PodSpec, meta: ObjectMeta | undefined, errors: FieldErrors): void {
  const volumes = spec.volumes ? validateVolumes(spec.volumes, meta, meta !== undefined, errors.at('volumes')) : noVolumes
  if (spec.resourceClaims) validatePodResourceClaims(spec.resourceClaims, errors.at('resourceClaims'))
  validateContainers(spec, volumes, errors.at('containers'))
  if (spec.initContainers) validateInitContainers(spec, volumes, errors.at('initContainers'))
  if (spec.ephemeralContainers) validateEphemeralContainers(spec, volumes, errors.at('ephemeralContainers'))
  if (spec.resources) validatePodResources(spec, errors.at('resources'))
  if (spec.hostNetwork) validateHostNetwork(spec, meta !== undefined, errors)
  oneOf(errors, 'restartPolicy', spec.restartPolicy, restartPolicies)
  oneOf(errors, 'dnsPolicy', spec.dnsPolicy, dnsPolicies)
  if (spec.nodeSelector) labels(errors, 'nodeSelector', spec.nodeSelector)
  if (spec.securityContext) validatePodSecurityContext(spec, errors.at('securityContext'))
  if (spec.affinity) validateAffinity(spec.affinity, errors.at('affinity'))
  if (spec.dnsConfig || spec.dnsPolicy === 'None') validateDns(spec, errors.at('dnsConfig'))
  if (spec.readinessGates) {
    for (const [i, { conditionType }] of spec.readinessGates.entries()) qualifiedName(errors.at('readinessGates', i), 'conditionType', conditionType)
  }
  if (spec.schedulingGates) validateSchedulingGates(spec.schedulingGates, errors.at('schedulingGates'))
  if (spec.topologySpreadConstraints) validateTopologySpread(spec.topologySpreadConstraints, errors.at('topologySpreadConstraints'))
  if (spec.hostUsers === false) validateUserNamespace(spec, errors)
  if (spec.hostnameOverride !== undefined) validateHostnameOverride(spec, errors)
  validateNames(spec, errors)
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined) inRange(errors, 'activeDeadlineSeconds', deadline, 1, 2147483647)
  if (spec.tolerations) validateTolerations(spec.tolerations, errors.at('tolerations'))
  if (spec.hostAliases) validateHostAliases(spec.hostAliases, errors.at('hostAliases'))
  if (spec.preemptionPolicy !== undefined) oneOf(errors, 'preemptionPolicy', spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])
  if (spec.overhead) validateResources({ limits: spec.overhead }, undefined, errors.at('overhead'))
  validateHostProcess(spec, errors)
  if (spec.os) validateOs(spec, errors)
  if (spec.schedulingGroup && !spec.schedulingGroup.podGroupName) {
    errors.at('schedulingGroup', 'podGroupName').invalid(null, 'must specify one of: `podGroupName`')
  }
  validateFileKeyVolumes(spec, errors)
}

function validateNames(spec: PodSpec, errors: FieldErrors): void {
  if (spec.serviceAccountName) dnsSubdomain(errors, 'serviceAccountName', spec.serviceAccountName)
  if (spec.nodeName) dnsSubdomain(errors, 'nodeName', spec.nodeName)
  if (spec.hostname) dnsLabel(errors, 'hostname', spec.hostname)
  if (spec.subdomain) dnsLabel(errors, 'subdomain', spec.subdomain)
  if (spec.priorityClassName) dnsSubdomain(errors, 'priorityClassName', spec.priorityClassName)
  if (spec.runtimeClassName !== undefined) dnsSubdomain(errors, 'runtimeClassName', spec.runtimeClassName)
}

function validateHostNetwork(spec: PodSpec, inPod: boolean, errors: FieldErrors): void {
  for (const [i, { ports }] of (spec.containers ?? []).entries()) {
    for (const [j, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if ((inPod || hostPort !== 0) && hostPort !== containerPort) {
        errors.at('containers', i, 'ports', j, 'hostPort').invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true')
      }
    }
  }
}

function validateUserNamespace(spec: PodSpec, errors: FieldErrors): void {
  const no = 'when `hostUsers` is false'
  if (spec.hostNetwork) errors.at('hostNetwork').forbidden(no)
  // The original spells these two as its own structure does.
  if (spec.hostPID) errors.at('HostPID').forbidden(no)
  if (spec.hostIPC) errors.at('HostIPC').forbidden(no)
  eachContainer(spec, ({ volumeDevices }, list, i) => {
    if (volumeDevices?.length) errors.at(list, i, 'volumeDevices').forbidden(no)
  })
}

function validatePodResources(spec: PodSpec, errors: FieldErrors): void {
  const resources = spec.resources!
  if (spec.os?.name === 'windows') return errors.forbidden('may not be set for a windows pod')
  if (resources.claims) errors.at('claims').forbidden('claims may not be set for Resources at pod-level')
  validateResources(resources, spec.resourceClaims, errors, true)
  const atLeast = (sort: 'requests' | 'limits', name: string, total: string): void => {
    const own = resources[sort]?.[name]
    if (own === undefined || compareQuantities(total, own) <= 0) return
    errors.at(sort).key(name).invalid(canonicalQuantity(own), `must be greater than or equal to aggregate container ${sort} of ${canonicalQuantity(total)}`)
  }
  for (const [name, total] of Object.entries(containerTotals(spec, 'requests'))) atLeast('requests', name, total)
  for (const [name, total] of Object.entries(containerTotals(spec, 'limits'))) if (isHugePages(name)) atLeast('limits', name, total)
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const name in container.resources.limits) {
      const limit = container.resources.limits[name]!
      const most = resources.limits?.[name]
      if (most !== undefined && compareQuantities(limit, most) > 0) {
        errors.at('containers', i).key(name).at('limits').invalid(canonicalQuantity(limit), `must be less than or equal to pod limits of ${canonicalQuantity(most)}`)
      }
    }
  }
}

function validateFileKeyVolumes(spec: PodSpec, errors: FieldErrors): void {
  eachContainer(spec, ({ env }, list, i) => {
    if (!env) return
    for (let j = 0; j < env.length; j++) {
      const name = env[j]!.valueFrom?.fileKeyRef?.volumeName
      if (name === undefined) continue
      const volume = spec.volumes?.find((candidate) => candidate.name === name)
      const at = errors.at(list, i, 'env', j, 'valueFrom', 'fileKeyRef', 'volumeName')
      if (!volume) at.notFound(name)
      else if (!volume.emptyDir) at.invalid(name, 'referenced volume must be of type emptyDir')
    }
  })
}
