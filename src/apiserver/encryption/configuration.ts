import { FieldErrors, omitted } from '#apimachinery/field-errors'
import { parseDuration } from '#component-base/options/duration'
import { readConfigFile } from '../config-file'

/** `apiserver.config.k8s.io/v1` EncryptionConfiguration, as its file holds it. */
export interface EncryptionConfiguration {
  readonly resources: readonly ResourceConfiguration[]
}
export interface ResourceConfiguration {
  readonly resources: readonly string[]
  readonly providers: readonly ProviderConfiguration[]
}
export interface ProviderConfiguration {
  readonly aesgcm?: Keys
  readonly aescbc?: Keys
  readonly secretbox?: Keys
  readonly identity?: object
  readonly kms?: KmsConfiguration
}
export interface Keys {
  readonly keys: readonly { readonly name: string; readonly secret: string }[]
}
export interface KmsConfiguration {
  readonly apiVersion?: string
  readonly name: string
  readonly cachesize?: number
  readonly endpoint: string
  /** As Go writes durations; `3s` unless said otherwise. */
  readonly timeout?: string
}

const provider = 'resources[].providers[]'
const keys = { [`${provider}.aesgcm`]: ['keys'], [`${provider}.aescbc`]: ['keys'], [`${provider}.secretbox`]: ['keys'] }
const fields = {
  '': ['apiVersion', 'kind', 'resources'], 'resources[]': ['resources', 'providers'], [provider]: ['aesgcm', 'aescbc', 'secretbox', 'identity', 'kms'], ...keys,
  [`${provider}.aesgcm.keys[]`]: ['name', 'secret'], [`${provider}.aescbc.keys[]`]: ['name', 'secret'], [`${provider}.secretbox.keys[]`]: ['name', 'secret'],
  [`${provider}.kms`]: ['apiVersion', 'name', 'cachesize', 'endpoint', 'timeout'], [`${provider}.identity`]: [],
}

/** Reads `--encryption-provider-config`. Throws with everything that is wrong; secrets are not repeated. */
export async function readEncryptionConfiguration(file: string, reload: boolean): Promise<EncryptionConfiguration> {
  const { object } = await readConfigFile<EncryptionConfiguration>('encryption provider configuration file', file, [{ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration' }], { fields })
  const errors = new FieldErrors()
  validateEncryptionConfiguration(object, reload, errors)
  if (errors.any) throw new Error(`error while parsing file: ${errors.all.map(({ field, message }) => `${field}: ${message}`).join(', ')}`)
  return object
}

const mandatory = (field: string, of: string): string => `${field} is a mandatory field for a ${of}`
const aesSizes = [16, 24, 32]

export function validateEncryptionConfiguration({ resources = [] }: EncryptionConfiguration, reload: boolean, errors: FieldErrors): void {
  const root = errors.at('resources')
  if (resources.length === 0) root.required('at least one resources is required')
  const names = new Set<string>()
  for (const [i, { resources: covered = [], providers = [] }] of resources.entries()) {
    const atResources = root.at(i, 'resources')
    const atProviders = root.at(i, 'providers')
    if (covered.length === 0) atResources.required(`at least one ${atResources.path} is required`)
    validateOverlap(covered, atResources)
    for (const [j, name] of covered.entries()) validateResourceName(name, atResources.at(j))
    if (providers.length === 0) atProviders.required(`at least one ${atProviders.path} is required`)
    for (const [j, one] of providers.entries()) {
      const at = atProviders.at(j)
      const given = (['kms', 'aesgcm', 'aescbc', 'secretbox', 'identity'] as const).filter((sort) => one?.[sort])
      if (given.length === 0) at.invalid(omitted, 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity')
      if (given.length > 1) at.invalid(omitted, 'more than one provider specified in a single element, should split into different list elements')
      const [sort] = given
      if (sort === 'kms') validateKms(one.kms!, names, reload, at.at('kms'))
      else if (sort && sort !== 'identity') validateKeys(one[sort]!, sort === 'secretbox' ? [32] : aesSizes, at.at(sort, 'keys'))
    }
  }
}

/** `secrets`, `deployments.apps`, `*.apps`, `*.` for the core group, `*.*`. */
export function parseGroupResource(text: string): { group: string; resource: string } {
  const dot = text.indexOf('.')
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) }
}

function validateOverlap(names: readonly string[], errors: FieldErrors): void {
  const all = names.map(parseGroupResource)
  const duplicate = new Set(names.map((name) => JSON.stringify(parseGroupResource(name)))).size < names.length
  const overlap = all.some((a, i) => all.some((b, j) => {
    if (i === j || (a.group === b.group && a.resource === b.resource)) return false
    if (a.group === '*' && a.resource === '*') return true
    return a.group === b.group && (a.resource === '*' || b.resource === '*')
  }))
  if (duplicate) errors.invalid(names, 'the same resource cannot be specified multiple times')
  if (overlap) errors.invalid(names, "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked")
}

function validateResourceName(name: string, errors: FieldErrors): void {
  const { group, resource } = parseGroupResource(name)
  if (name !== name.toLowerCase()) errors.invalid(name, 'resource name should not contain capital letters')
  else if (name === '*') errors.invalid(name, "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources")
  else if (['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'].includes(name)) errors.invalid(name, 'resources which do not have REST API/s cannot be encrypted')
  else if (group === 'events.k8s.io') errors.invalid(name, "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file")
  else if (group === 'extensions') errors.invalid(name, "'extensions' group has been removed and cannot be used for encryption")
  else if (group === '*' && resource !== '*') errors.invalid(name, 'encrypting the same resource across groups is not supported')
}

function validateKeys({ keys: given = [] }: Keys, sizes: readonly number[], errors: FieldErrors): void {
  if (given.length === 0) errors.required('at least one keys is required')
  for (const [i, { name, secret }] of given.entries()) {
    if (!name) errors.at(i, 'name').required(mandatory('name', 'key'))
    const at = errors.at(i, 'secret')
    const bytes = secret ? Buffer.from(secret, 'base64') : undefined
    if (!bytes) at.required(mandatory('secret', 'key'))
    else if (bytes.toString('base64') !== secret.replaceAll(/[\r\n]/g, '')) at.invalid('REDACTED', 'secrets must be base64 encoded')
    else if (!sizes.includes(bytes.length)) at.invalid('REDACTED', `secret is not of the expected length, got ${bytes.length}, expected one of [${sizes.join(' ')}]`)
  }
}

function validateKms({ name, timeout, endpoint, cachesize, apiVersion = 'v1' }: KmsConfiguration, names: Set<string>, reload: boolean, errors: FieldErrors): void {
  if (!name) errors.at('name').required(mandatory('name', 'provider'))
  // What a plugin has written is found by its name: with KMS v2, or where files are read again, it must be one plugin's alone.
  else if ((apiVersion !== 'v1' || reload) && name.includes(':')) errors.at('name').invalid(name, `invalid KMS provider name ${name}, must not contain ':'`)
  if (names.has(name)) errors.at('name').invalid(name, `duplicate KMS provider name ${name}, names must be unique`)
  names.add(name)
  const ms = timeoutOf(timeout)
  if (ms === undefined || ms <= 0) errors.at('timeout').invalid(timeout, 'timeout should be a positive value')
  if (!endpoint) errors.at('endpoint').required(mandatory('endpoint', 'kms'))
  else if (!URL.canParse(endpoint)) errors.at('endpoint').invalid(endpoint, 'invalid endpoint for kms provider')
  else if (new URL(endpoint).protocol !== 'unix:') errors.at('endpoint').invalid(endpoint, `unsupported scheme ${JSON.stringify(new URL(endpoint).protocol.slice(0, -1))} for KMS provider, only unix is supported`)
  if (apiVersion !== 'v1' && apiVersion !== 'v2') errors.at('apiVersion').invalid(apiVersion, 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported')
  if (apiVersion !== 'v1' && cachesize !== undefined) errors.at('cachesize').invalid(cachesize, 'cachesize is not supported in v2')
}

export const timeoutOf = (timeout = '3s'): number | undefined => parseDuration(timeout)
