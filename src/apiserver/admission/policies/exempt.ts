import type { Resource } from '#apimachinery/resource'

const reviews: Readonly<Record<string, readonly string[]>> = {
  'authentication.k8s.io': ['selfsubjectreviews', 'tokenreviews'],
  'authorization.k8s.io': ['localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews'],
}

/** Questions that a cluster lives by: policies have no say in whether they may be asked. */
export const isReview = ({ group, resource }: Pick<Resource, 'group' | 'resource'>): boolean => reviews[group]?.includes(resource) ?? false
