import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsSubdomain, labelSelector } from '../../field-checks'
import { signerName } from '../../signer-names'
import { descendingAndFree, fileMode } from './path-checks'
import type { ClusterTrustBundleProjection, PodCertificateProjection, ProjectedVolumeSource, VolumeProjection } from './types'
import { validateDownwardFile, validateItems } from './volume-validation'

/** Every source writes into one directory: no two may write the same path. */
export function validateProjected(projected: ProjectedVolumeSource, errors: FieldErrors): void {
  fileMode(errors, 'defaultMode', projected.defaultMode)
  const sources = projected.sources ?? []
  const paths = new Set<string>()
  const claim = (path: string | undefined, shown: string | undefined): void => {
    if (!path) return
    if (paths.has(path)) errors.invalid(shown ?? '', 'conflicting duplicate paths')
    paths.add(path)
  }
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!
    const at = errors.at('sources', i)
    if (source.secret) validateFiles(source.secret, at.at('secret'), claim)
    if (source.configMap) validateFiles(source.configMap, at.at('configMap'), claim)
    for (const file of source.downwardAPI?.items ?? []) {
      validateDownwardFile(file, at.at('downwardAPI'))
      claim(file.path, file.path)
    }
    if (source.serviceAccountToken) validateToken(source.serviceAccountToken, errors, at.at('serviceAccountToken'))
    if (source.clusterTrustBundle) {
      validateTrustBundle(source.clusterTrustBundle, at.at('clusterTrustBundle'))
      claim(source.clusterTrustBundle.path, source.clusterTrustBundle.path)
    }
    if (source.podCertificate) validateCertificate(source.podCertificate, at.at('podCertificate'), claim)
    if (Object.keys(source).length > 1) at.forbidden('may not specify more than 1 volume type per source')
  }
}

type Claim = (path: string | undefined, shown: string | undefined) => void

function validateFiles(source: NonNullable<VolumeProjection['secret']>, errors: FieldErrors, claim: Claim): void {
  if (!source.name) errors.at('name').required()
  if (!source.items) return
  validateItems(source.items, errors.at('items'))
  for (const { path } of source.items) claim(path, source.name)
}

function validateToken(token: NonNullable<VolumeProjection['serviceAccountToken']>, volume: FieldErrors, errors: FieldErrors): void {
  const seconds = token.expirationSeconds ?? 3600
  if (seconds < 600) errors.at('expirationSeconds').invalid(seconds, 'may not specify a duration less than 10 minutes')
  if (seconds > 2 ** 32) errors.at('expirationSeconds').invalid(seconds, 'may not specify a duration larger than 2^32 seconds')
  // The original reports the token's path at the volume.
  if (!token.path) volume.at('path').required()
  else descendingAndFree(volume, 'path', token.path)
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, errors: FieldErrors): void {
  const { name, signerName: signer, path } = bundle
  if (name !== undefined && signer !== undefined) errors.invalid(bundle, 'only one of name and signerName may be used')
  else if (name !== undefined) {
    if (name === '') errors.at('name').required('must be a valid object name')
    else dnsSubdomain(errors, 'name', name.slice(name.lastIndexOf(':') + 1))
    if (bundle.labelSelector) errors.at('labelSelector').invalid(bundle.labelSelector, 'labelSelector must be unset if name is specified')
  } else if (signer !== undefined) {
    if (signer === '') errors.at('signerName').required('must be a valid signer name')
    signerName(errors, 'signerName', signer)
    labelSelector(errors, 'labelSelector', bundle.labelSelector)
  } else errors.required('either name or signerName must be specified')
  if (!path) errors.at('path').required()
  descendingAndFree(errors, 'path', path)
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

function validateCertificate(source: PodCertificateProjection, errors: FieldErrors, claim: Claim): void {
  signerName(errors, 'signerName', source.signerName)
  if (!keyTypes.includes(source.keyType)) errors.at('keyType').notSupported(source.keyType, keyTypes)
  const seconds = source.maxExpirationSeconds
  if (seconds !== undefined) {
    const most = source.signerName?.startsWith('kubernetes.io/') ? 86400 : 91 * 86400
    if (seconds < 3600) errors.at('maxExpirationSeconds').invalid(seconds, 'if provided, maxExpirationSeconds must be >= 3600')
    if (seconds > most) errors.at('maxExpirationSeconds').invalid(seconds, `if provided, maxExpirationSeconds must be <= ${most}`)
  }
  let paths = 0
  for (const field of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
    const path = source[field]
    if (!path) continue
    paths++
    descendingAndFree(errors, field, path)
    claim(path, path)
  }
  if (paths === 0) errors.required('specify at least one of credentialBundlePath, keyPath, and certificateChainPath')
}
