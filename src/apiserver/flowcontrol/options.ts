import { atLeast, option, types } from '#component-base/options/option'

export const flowControlOptions = {
  enablePriorityAndFairness: option(types.bool, 'enable-priority-and-fairness', true, 'Serve requests by the priority of their flows; otherwise only so many at a time.'),
  maxRequestsInflight: option(types.int, 'max-requests-inflight', 400, 'Requests that read and are served at one time; with priority and fairness, half of the sum that is shared out.', atLeast(0)),
  maxMutatingRequestsInflight: option(types.int, 'max-mutating-requests-inflight', 200, 'Requests that write and are served at one time; with priority and fairness, the other half.', atLeast(0)),
}
