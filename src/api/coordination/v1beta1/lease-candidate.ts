import type { FieldErrors } from '#apimachinery/field-errors'
import { isConfigMapKey } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { validateStrategy } from '../v1/lease'
import { ageColumn, column, nameColumn } from '../../printing'
import { deprecation, sameShape } from '../../same-shape'
import { immutable } from '../../strategies'
import type { LeaseCandidate, LeaseCandidateSpec } from './types'

export const leasecandidates = defineResource<LeaseCandidate>({
  group: 'coordination.k8s.io', version: 'v1beta1', kind: 'LeaseCandidate', resource: 'leasecandidates', namespaced: true,
  versions: {
    'coordination.k8s.io/v1beta1': { schema: schemaIn(() => import('./types.gen'), 'LeaseCandidate'), deprecated: deprecation('coordination.k8s.io/v1beta1', 'LeaseCandidate', 36) },
    ...sameShape('coordination.k8s.io/v1beta1', 'LeaseCandidate', {
      v1alpha2: { deprecatedIn: 35, schema: schemaIn(() => import('#api/coordination/v1alpha2/types.gen'), 'LeaseCandidate') },
    }),
  },
  metadataChecks: { whole: 0, update: 1 },
  validateName: (name) => isConfigMapKey(name),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,

  validate: ({ spec }, errors) => validateSpec(spec, errors.at('spec')),
  validateUpdate: ({ spec }, old, errors) => immutable(errors.at('spec'), 'leaseName', spec.leaseName, old.spec.leaseName),

  columns: [
    nameColumn,
    column('LeaseName', ({ spec }) => spec.leaseName),
    column('BinaryVersion', ({ spec }) => spec.binaryVersion),
    column('EmulationVersion', ({ spec }) => spec.emulationVersion ?? ''),
    ageColumn,
  ],
})

function validateSpec({ leaseName, binaryVersion, emulationVersion = '', strategy }: LeaseCandidateSpec, errors: FieldErrors): void {
  if (!leaseName) errors.at('leaseName').required()
  const emulated = parseVersion(emulationVersion)
  if (emulationVersion && !emulated) errors.at('emulationVersion').invalid(emulationVersion, 'must be a valid semantic version')
  const binary = parseVersion(binaryVersion)
  if (!binaryVersion) errors.at('binaryVersion').required()
  else if (!binary) errors.at('binaryVersion').invalid(binaryVersion, 'must be a valid semantic version')
  // What is no version counts as the lowest there is.
  if (binaryVersion && emulationVersion && compareVersions(binary ?? lowest, emulated ?? lowest) < 0) errors.at('binaryVersion').invalid(binaryVersion, 'must be greater than or equal to `emulationVersion`')
  if (!strategy) return errors.at('strategy').required()
  if (strategy === 'OldestEmulationVersion' && compareVersions(emulated ?? lowest, lowest) === 0) {
    errors.at('emulationVersion').required("must be specified when `strategy` is 'OldestEmulationVersion'")
  }
  validateStrategy(strategy, errors.at('strategy'))
}

interface Version { readonly numbers: readonly number[]; readonly before: readonly string[] }
const lowest: Version = { numbers: [0, 0, 0], before: [] }

const number = '(0|[1-9]\\d*)'
const semantic = new RegExp(`^${number}\\.${number}\\.${number}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`)

/** `1.36.0`, `1.36.0-beta.1+build`; undefined for what is none. */
function parseVersion(text: string): Version | undefined {
  const found = semantic.exec(text)
  const before = found?.[4]?.split('.') ?? []
  if (!found || before.some((part) => /^0\d+$/.test(part))) return undefined
  return { numbers: found.slice(1, 4).map(Number), before }
}

function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! - b.numbers[i]!
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length
  for (let i = 0; i < Math.min(a.before.length, b.before.length); i++) {
    const [x, y] = [a.before[i]!, b.before[i]!]
    if (x === y) continue
    const [xIsNumber, yIsNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    // Numbers stand before words.
    if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1
    return xIsNumber ? Number(x) - Number(y) : x < y ? -1 : 1
  }
  return a.before.length - b.before.length
}
