// What a node may say of itself: most of it comes from its kubelet, and an update is judged as a new node and as a change.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isConfigMapKey, isLabelValue } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, oneOf, positive, qualifiedName, report } from '../../field-checks'
import { cidr, isCidr, repeatsFamily } from '../../ip-checks'
import { resourceQuantity } from './resource-requirements-validation'
import { taintEffects } from './scheduling-validation'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, NodeStatus, Taint } from './types'

const taintsAnnotation = 'scheduler.alpha.kubernetes.io/taints'
const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z][A-Za-z0-9]*)*$/
const badFeature =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"

export function validateNode({ metadata, spec, status }: Node, errors: FieldErrors): void {
  validateAnnotations(metadata.annotations, errors)
  if (spec.taints) validateTaints(spec.taints, errors.at('metadata', 'taints'))
  validateNodeResources(status, errors)
  const swap = status.nodeInfo?.swap?.capacity
  if (swap !== undefined) positive(errors.at('metadata', 'nodeSwapStatus'), 'capacity', swap)
  validateFeatures(status.declaredFeatures, errors.at('status', 'declaredFeatures'))
  const ranges = spec.podCIDRs ?? []
  const at = errors.at('spec', 'podCIDRs')
  for (const [i, range] of ranges.entries()) cidr(at, i, range)
  if (ranges.length < 2) return
  const bad = ranges.findIndex((range) => !isCidr(range))
  if (bad >= 0) at.internal(`invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${ranges[bad]})`)
  if (bad >= 0 || repeatsFamily(ranges)) at.invalid(ranges, 'may specify no more than one CIDR for each IP family')
}

export function validateNodeUpdate({ metadata, spec, status }: Node, old: Node, errors: FieldErrors): void {
  validateAnnotations(metadata.annotations, errors)
  validateNodeResources(status, errors)
  validateFeatures(status.declaredFeatures, errors.at('status', 'declaredFeatures'))
  const addresses = status.addresses ?? []
  for (const [i, address] of addresses.entries()) {
    const first = addresses.findIndex((other) => other.type === address.type && other.address === address.address)
    if (first < i) errors.at('status', 'addresses', i).duplicate({ Type: address.type, Address: address.address })
  }
  const at = errors.at('spec')
  validateRangesKept(spec.podCIDRs ?? [], old.spec.podCIDRs ?? [], at.at('podCIDRs'))
  if (old.spec.providerID && spec.providerID !== old.spec.providerID) {
    at.at('providerID').forbidden('node updates may not change providerID except from "" to valid')
  }
  if (spec.configSource) validateConfigSource(spec.configSource, at.at('configSource'), validateWanted)
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status.config?.[field]
    if (source) validateConfigSource(source, errors.at('status', 'config', field), validateReported)
  }
  if (spec.taints) validateTaints(spec.taints, errors.at('metadata', 'taints'))
  if ((spec.externalID ?? '') !== (old.spec.externalID ?? '')) at.at('externalID').forbidden('may not be updated')
}

function validateRangesKept(ranges: readonly string[], old: readonly string[], errors: FieldErrors): void {
  if (old.length === 0) return
  const changed = ranges.length === old.length ? old.filter((range, i) => range !== ranges[i]).length : 1
  for (let told = 0; told < changed; told++) errors.forbidden('node updates may not change podCIDR except from "" to valid')
}

/** Taints were an annotation once; one that still is there must be sound. */
function validateAnnotations(annotations: Node['metadata']['annotations'], errors: FieldErrors): void {
  const text = annotations?.[taintsAnnotation]
  if (!text) return
  const at = errors.at('metadata', 'annotations')
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    return at.invalid(taintsAnnotation, (error as Error).message)
  }
  if (!Array.isArray(read) || read.some((one) => typeof one !== 'object' || one === null)) return at.invalid(taintsAnnotation, 'json: cannot unmarshal into Go value of type []v1.Taint')
  validateTaints(read as Taint[], at.at(taintsAnnotation))
}

function validateTaints(taints: readonly Taint[], errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [i, { key = '', value = '', effect, timeAdded }] of taints.entries()) {
    const at = errors.at(i)
    qualifiedName(at, 'key', key)
    const messages = isLabelValue(value)
    if (messages.length > 0) at.at('value').invalid(value, messages.join(';'))
    oneOf(at, 'effect', effect, taintEffects)
    const id = `${key}:${effect}`
    // The original prints its own structure here.
    if (seen.has(id)) at.duplicate({ Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null }, 'taints must be unique by key and effect pair')
    seen.add(id)
  }
}

function validateNodeResources({ capacity, allocatable }: NodeStatus, errors: FieldErrors): void {
  for (const name in capacity) resourceQuantity(errors.at('status', 'capacity', name), name, capacity[name]!)
  for (const name in allocatable) resourceQuantity(errors.at('status', 'allocatable', name), name, allocatable[name]!)
}

/** Sorted, each once. */
function validateFeatures(features: readonly string[] = [], errors: FieldErrors): void {
  for (const [i, feature] of features.entries()) {
    if (feature.length > 253) errors.at(i).invalid(feature, `invalid feature name ${JSON.stringify(feature)}: must be no more than 253 characters`)
    else if (!featureName.test(feature)) errors.at(i).invalid(feature, `invalid feature name ${JSON.stringify(feature)}: ${badFeature}`)
    const next = features[i + 1]
    if (feature === next) errors.at(i + 1).duplicate(next)
    else if (next !== undefined && feature > next) errors.at(i + 1).invalid(next, 'list must be sorted alphabetically')
  }
}

type Check = (source: ConfigMapNodeConfigSource, errors: FieldErrors) => void

/** Nothing reads this any more; what stands there is held to its rules. */
function validateConfigSource(source: NodeConfigSource, errors: FieldErrors, check: Check): void {
  if (!source.configMap) return errors.invalid(source, 'exactly one reference subfield must be non-nil')
  const at = errors.at('configMap')
  const { namespace, name, kubeletConfigKey } = source.configMap
  check(source.configMap, at)
  if (!namespace) at.at('namespace').required()
  else dnsLabel(at, 'namespace', namespace)
  if (!name) at.at('name').required()
  else dnsSubdomain(at, 'name', name)
  if (!kubeletConfigKey) at.at('kubeletConfigKey').required()
  else report(at, 'kubeletConfigKey', kubeletConfigKey, isConfigMapKey(kubeletConfigKey))
}

const validateWanted: Check = ({ uid, resourceVersion }, errors) => {
  if (uid) errors.at('uid').forbidden('uid must not be set in spec')
  if (resourceVersion) errors.at('resourceVersion').forbidden('resourceVersion must not be set in spec')
}
const validateReported: Check = ({ uid, resourceVersion }, errors) => {
  if (!uid) errors.at('uid').required()
  if (!resourceVersion) errors.at('resourceVersion').required()
}
