import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isDns1123Subdomain, regexError } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { dnsSubdomain, qualifiedName } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { statusApart } from '../../strategies'
import type { ServerStorageVersion, StorageVersion, StorageVersionCondition, StorageVersionStatus } from './types'

export const storageversions = defineResource<StorageVersion>({
  group: 'internal.apiserver.k8s.io', version: 'v1alpha1', kind: 'StorageVersion', resource: 'storageversions', namespaced: false,
  versions: { 'internal.apiserver.k8s.io/v1alpha1': { schema: schemaIn(() => import('./types.gen'), 'StorageVersion') } },
  subresources: { status: statusWithoutMetadata({ validateUpdate: ({ status }, _old, errors) => validateStatus(status, errors.at('status')) }) },
  allowUnconditionalUpdate: false,

  ...statusApart<StorageVersion>(() => ({})),
  validateName(name) {
    const dot = name.lastIndexOf('.')
    if (dot < 0) return ['name must be in the form of <group>.<resource>']
    return [
      ...isDns1123Subdomain(name.slice(0, dot)).map((message) => `the group segment ${message}`),
      ...isDns1035Label(name.slice(dot + 1)).map((message) => `the resource segment ${message}`),
    ]
  },

  columns: [
    nameColumn,
    column('CommonEncodingVersion', ({ status }) => status.commonEncodingVersion ?? '<unset>'),
    column('StorageVersions', ({ status: { storageVersions = [] } }) => {
      if (storageVersions.length === 0) return '<unset>'
      const shown = storageVersions.slice(0, 3).map(({ apiServerID, encodingVersion }) => `${apiServerID}=${encodingVersion}`).join(',')
      return storageVersions.length > 3 ? `${shown} + ${storageVersions.length - 3} more...` : shown
    }),
    ageColumn,
  ],
})

/** The version in which all servers write; undefined where they differ, or where there are none. */
export function commonEncodingVersion(servers: readonly ServerStorageVersion[]): string | undefined {
  const first = servers[0]?.encodingVersion
  return servers.every(({ encodingVersion }) => encodingVersion === first) ? first : undefined
}

function validateStatus({ storageVersions = [], commonEncodingVersion: told, conditions = [] }: StorageVersionStatus, errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [i, server] of storageVersions.entries()) {
    const at = errors.at('storageVersions', i)
    if (seen.has(server.apiServerID)) at.at('apiServerID').duplicate(server.apiServerID)
    seen.add(server.apiServerID)
    validateServer(server, at)
  }
  const common = commonEncodingVersion(storageVersions)
  const at = errors.at('commonEncodingVersion')
  if (common === undefined) {
    if (told !== undefined) at.invalid(told, 'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet')
  } else if (told === undefined) at.invalid(null, `the common encoding version is ${common}`)
  else if (told !== common) at.invalid(told, `the actual common encoding version is ${common}`)
  validateConditions(conditions, errors)
}

function validateServer({ apiServerID, encodingVersion, decodableVersions = [], servedVersions = [] }: ServerStorageVersion, errors: FieldErrors): void {
  dnsSubdomain(errors, 'apiServerID', apiServerID)
  validateApiVersion(errors.at('encodingVersion'), encodingVersion)
  for (const [i, version] of decodableVersions.entries()) validateApiVersion(errors.at('decodableVersions', i), version)
  if (!decodableVersions.includes(encodingVersion)) errors.at('decodableVersions').invalid(decodableVersions, `decodableVersions must include encodingVersion ${encodingVersion}`)
  for (const [i, version] of servedVersions.entries()) {
    validateApiVersion(errors.at('servedVersions', i), version)
    if (!decodableVersions.includes(version)) {
      errors.at('servedVersions', i).invalid(version, `individual served version : ${version} must be included in decodableVersions : [${decodableVersions.join(' ')}]`)
    }
  }
}

/** The original tells the places of conditions without the name of their list. */
function validateConditions(conditions: readonly StorageVersionCondition[], errors: FieldErrors): void {
  const seen = new Map<string, number>()
  for (const [i, { type, status, reason, message }] of conditions.entries()) {
    const at = errors.at(i)
    const before = seen.get(type)
    if (before !== undefined) at.at('type').invalid(type, `the type of the condition is not unique, it also appears in conditions[${before}]`)
    seen.set(type, i)
    qualifiedName(at, 'type', type)
    qualifiedName(at, 'status', status)
    if (!reason) at.at('reason').required()
    if (!message) at.at('message').required()
  }
}

const badVersion = `an apiVersion is ${regexError(
  "a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123',
)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')`

function validateApiVersion(errors: FieldErrors, apiVersion: string): void {
  const messages = apiVersionMessages(apiVersion)
  if (messages.length > 0) errors.invalid(apiVersion, messages.join(','))
}

function apiVersionMessages(apiVersion: string): string[] {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return [badVersion]
  const [version = '', group] = parts.toReversed()
  const of = (part: string, value: string, rule: (value: string) => string[]): string[] => (value === '' ? ['must be non-empty'] : rule(value)).map((message) => `${part} part: ${message}`)
  return [...(group === undefined ? [] : of('group', group, isDns1123Subdomain)), ...of('version', version, isDns1035Label)]
}
