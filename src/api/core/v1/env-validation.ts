import type { FieldErrors } from '#apimachinery/field-errors'
import { isConfigMapKey, isRelaxedEnvVarName } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, qualifiedName, report } from '../../field-checks'
import { noBacksteps } from './path-checks'
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from './types'

const envFieldPaths = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs',
  'status.podIP', 'status.podIPs',
]
const resourcePaths = [
  'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory',
]

export function validateEnv(env: readonly EnvVar[], errors: FieldErrors): void {
  for (let i = 0; i < env.length; i++) {
    const { name, value, valueFrom } = env[i]!
    if (!name) errors.at(i, 'name').required()
    else report(errors.at(i), 'name', name, isRelaxedEnvVarName(name))
    if (valueFrom) validateValueFrom(valueFrom, value, errors.at(i, 'valueFrom'))
  }
}

function validateValueFrom(source: EnvVarSource, value: string | undefined, errors: FieldErrors): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  let count = 0
  if (fieldRef && ++count) validateFieldRef(fieldRef, envFieldPaths, errors.at('fieldRef'))
  if (resourceFieldRef && ++count) validateResourceFieldRef(resourceFieldRef, false, errors.at('resourceFieldRef'))
  if (configMapKeyRef && ++count) validateKeyRef(configMapKeyRef, errors.at('configMapKeyRef'))
  if (secretKeyRef && ++count) validateKeyRef(secretKeyRef, errors.at('secretKeyRef'))
  if (fileKeyRef && ++count) {
    const at = errors.at('fileKeyRef')
    if (!fileKeyRef.key) at.at('key').required()
    else report(at, 'key', fileKeyRef.key, isRelaxedEnvVarName(fileKeyRef.key))
    if (!fileKeyRef.volumeName) at.at('volumeName').required()
    else dnsLabel(at, 'volumeName', fileKeyRef.volumeName)
    if (!fileKeyRef.path) at.at('path').required()
    else noBacksteps(at, 'path', fileKeyRef.path)
  }
  if (count === 0) errors.invalid('', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`')
  else if (value) errors.invalid('', 'may not be specified when `value` is not empty')
  else if (count > 1) errors.invalid('', 'may not have more than one field specified at a time')
}

function validateKeyRef({ name, key }: { name?: string; key: string }, errors: FieldErrors): void {
  dnsSubdomain(errors, 'name', name ?? '')
  if (!key) errors.at('key').required()
  else report(errors, 'key', key, isConfigMapKey(key))
}

/** Field labels that a pod answers at all; `spec.host` is an old name of `spec.nodeName`. */
const knownFieldPaths = new Set([
  ...envFieldPaths, 'metadata.labels', 'metadata.annotations', 'spec.restartPolicy', 'spec.schedulerName', 'spec.host', 'status.phase',
])
const subscripted = /^(.*)\['(.*)'\]$/

export function validateFieldRef({ apiVersion, fieldPath }: ObjectFieldSelector, supported: readonly string[], errors: FieldErrors): void {
  if (!apiVersion) return errors.at('apiVersion').required()
  if (!fieldPath) return errors.at('fieldPath').required()
  if (apiVersion !== 'v1') return errors.at('fieldPath').invalid(fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)
  if (supported.includes(fieldPath)) return
  const match = subscripted.exec(fieldPath)
  const path = match?.[1] ?? fieldPath
  if (match && path !== 'metadata.annotations' && path !== 'metadata.labels') {
    return errors.at('fieldPath').invalid(fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`)
  }
  if (!knownFieldPaths.has(path)) return errors.at('fieldPath').invalid(fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)
  if (!match) return errors.at('fieldPath').notSupported(fieldPath, supported)
  const key = match[2]!
  qualifiedNameOf(errors, path === 'metadata.annotations' ? key.toLowerCase() : key)
}

/** The original reports a bad key at the reference itself, not at its path. */
function qualifiedNameOf(errors: FieldErrors, key: string): void {
  const before = errors.all.length
  qualifiedName(errors, 'fieldPath', key)
  for (let i = before; i < errors.all.length; i++) errors.all[i] = { ...errors.all[i]!, field: errors.path }
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const hugePages = (resource: string): boolean => resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-')

/** In volumes the container must be named; in an environment it is the container itself. */
export function validateResourceFieldRef({ containerName, resource, divisor }: ResourceFieldSelector, inVolume: boolean, errors: FieldErrors): void {
  if (inVolume && !containerName) errors.at('containerName').required()
  else if (!resource) errors.at('resource').required()
  else if (!resourcePaths.includes(resource) && !hugePages(resource)) errors.at('resource').notSupported(resource, resourcePaths)
  if (!divisor || divisor === '0') return
  const complain = (allowed: readonly string[], of: string): void => {
    if (!allowed.includes(divisor)) errors.at('divisor').invalid(resource, `only divisor's values ${allowed.join(', ')} are supported with the ${of} resource`)
  }
  if (resource.endsWith('.cpu')) {
    if (divisor !== '1m' && divisor !== '1') errors.at('divisor').invalid(resource, "only divisor's values 1m and 1 are supported with the cpu resource")
  } else if (resource.endsWith('.memory')) complain(sizes, 'memory')
  else if (resource.endsWith('.ephemeral-storage')) complain(sizes, 'local ephemeral storage')
  else if (hugePages(resource)) complain(sizes, 'hugepages')
}

export function validateEnvFrom(sources: readonly EnvFromSource[], errors: FieldErrors): void {
  for (let i = 0; i < sources.length; i++) {
    const { prefix, configMapRef, secretRef } = sources[i]!
    if (prefix) report(errors.at(i), 'prefix', prefix, isRelaxedEnvVarName(prefix))
    if (configMapRef) validateNamed(configMapRef.name, errors.at(i, 'configMapRef'))
    if (secretRef) validateNamed(secretRef.name, errors.at(i, 'secretRef'))
    if (!configMapRef && !secretRef) errors.invalid('', 'must specify one of: `configMapRef` or `secretRef`')
    else if (configMapRef && secretRef) errors.invalid('', 'may not have more than one field specified at a time')
  }
}

function validateNamed(name: string | undefined, errors: FieldErrors): void {
  if (!name) errors.at('name').required()
  else if (!name.endsWith('-')) dnsSubdomain(errors, 'name', name)
  else dnsSubdomain(errors, 'name', `${name.slice(0, -1)}a`)
}
