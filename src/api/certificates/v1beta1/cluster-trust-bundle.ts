import type { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { column, nameColumn } from '../../printing'
import { deprecation, sameShape } from '../../same-shape'
import { signerName } from '../../signer-names'
import { immutable } from '../../strategies'
import { problemsOfTrustBundle } from '../v1/trust-bundles'
import type { ClusterTrustBundle } from './types'

const longest = 1 << 20

export const clustertrustbundles = defineResource<ClusterTrustBundle>({
  group: 'certificates.k8s.io', version: 'v1beta1', kind: 'ClusterTrustBundle', resource: 'clustertrustbundles', namespaced: false,
  versions: {
    'certificates.k8s.io/v1beta1': {
      schema: schemaIn(() => import('./types.gen'), 'ClusterTrustBundle'), gate: 'ClusterTrustBundle', deprecated: deprecation('certificates.k8s.io/v1beta1', 'ClusterTrustBundle', 37),
    },
    ...sameShape('certificates.k8s.io/v1beta1', 'ClusterTrustBundle', {
      v1alpha1: { deprecatedIn: 34, gate: 'ClusterTrustBundle', schema: schemaIn(() => import('#api/certificates/v1alpha1/types.gen'), 'ClusterTrustBundle') },
    }),
  },
  // Which names are good depends on the signer: see below.
  validateName: () => [],
  allowUnconditionalUpdate: false,

  validate({ metadata, spec }, errors) {
    const { name, generateName } = metadata
    for (const message of generateName ? nameMessages(generateName, spec.signerName, true) : []) errors.at('metadata', 'generateName').invalid(generateName, message)
    for (const message of name ? nameMessages(name, spec.signerName, false) : []) errors.at('metadata', 'name').invalid(name, message)
    if (spec.signerName) signerName(errors.at('spec'), 'signerName', spec.signerName)
  },
  validateCreate: ({ spec }, errors) => validateBundle(spec.trustBundle, errors.at('spec', 'trustBundle')),
  validateUpdate({ spec }, old, errors) {
    if (spec.trustBundle !== old.spec.trustBundle) validateBundle(spec.trustBundle, errors.at('spec', 'trustBundle'))
    immutable(errors.at('spec'), 'signerName', spec.signerName ?? '', old.spec.signerName ?? '')
  },

  columns: [nameColumn, column('SignerName', ({ spec }) => spec.signerName || '<none>')],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
})

/** Bundles of a signer begin with its name, a colon in the place of the slash. */
function nameMessages(name: string, signer: string | undefined, prefix: boolean): string[] {
  if (!signer) return name.includes(':') ? ['ClusterTrustBundle without signer name must not have ":" in its name'] : nameIsDnsSubdomain(name, prefix)
  const wanted = `${signer.replaceAll('/', ':')}:`
  return name.startsWith(wanted) ? nameIsDnsSubdomain(name.slice(wanted.length), prefix) : [`ClusterTrustBundle for signerName ${signer} must be named with prefix ${wanted}`]
}

function validateBundle(bundle: string, errors: FieldErrors): void {
  if (new TextEncoder().encode(bundle).length > longest) return errors.tooLong(longest)
  for (const problem of problemsOfTrustBundle(bundle)) errors.invalid('<value omitted>', problem)
}
