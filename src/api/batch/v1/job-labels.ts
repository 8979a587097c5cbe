import type { ObjectMeta } from '#apimachinery/meta/v1/types'

interface LabelOfJob {
  readonly label: string
  readonly value: (metadata: ObjectMeta) => string
}

const nameOf = ({ name }: ObjectMeta): string => name ?? ''
const uidOf = ({ uid }: ObjectMeta): string => uid ?? ''

/** By which a job's pods are told from all others. Names can be used again, uids cannot. */
export const uidLabel = 'batch.kubernetes.io/controller-uid'

export const labelsOfJob: { readonly legacy: readonly LabelOfJob[]; readonly prefixed: readonly LabelOfJob[] } = {
  legacy: [{ label: 'controller-uid', value: uidOf }, { label: 'job-name', value: nameOf }],
  prefixed: [{ label: uidLabel, value: uidOf }, { label: 'batch.kubernetes.io/job-name', value: nameOf }],
}
