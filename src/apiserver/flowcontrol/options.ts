import { atLeast, option, types } from '#component-base/options/option'

export const flowControlOptions = {
  enablePriorityAndFairness: option(types.bool, 'enable-priority-and-fairness', true, 'Let requests wait their turn by priority levels and flows; false: refuse what exceeds the two limits below.'),
  maxRequestsInflight: option(types.int, 'max-requests-inflight', 400, 'Reading requests that are served at one time; with priority and fairness, the sum of this and the next is shared out among the levels.', atLeast(0)),
  maxMutatingRequestsInflight: option(types.int, 'max-mutating-requests-inflight', 200, 'Writing requests that are served at one time; with priority and fairness, part of the same sum.', atLeast(0)),
}
