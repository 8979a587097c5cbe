// The batch/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ObjectReference, PodTemplateSpec } from '#api/core/v1/types'
import type { Int32, Int64, ListSet, Time } from '#apimachinery/meta/v1/scalars'
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface CronJob {
  apiVersion: 'batch/v1'
  kind: 'CronJob'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: CronJobSpec
  /** @proto 3 @always */ status: CronJobStatus
}

export interface CronJobSpec {
  /** @proto 1 @required @always */ schedule: string
  /** @proto 8 @pointer */ timeZone?: string
  /** @proto 2 @pointer */ startingDeadlineSeconds?: Int64
  /** @proto 3 @default "Allow" */ concurrencyPolicy: string
  /** @proto 4 @default false @pointer */ suspend: boolean
  /** @proto 5 @required @always */ jobTemplate: JobTemplateSpec
  /** @proto 6 @default 3 @pointer */ successfulJobsHistoryLimit: Int32
  /** @proto 7 @default 1 @pointer */ failedJobsHistoryLimit: Int32
}

export interface CronJobStatus {
  /** @proto 1 @atomic */ active?: ObjectReference[]
  /** @proto 4 @pointer */ lastScheduleTime?: Time
  /** @proto 5 @pointer */ lastSuccessfulTime?: Time
}

export interface Job {
  apiVersion: 'batch/v1'
  kind: 'Job'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: JobSpec
  /** @proto 3 @always */ status: JobStatus
}

export interface JobCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastProbeTime?: Time
  /** @proto 4 @always null */ lastTransitionTime?: Time
  /** @proto 5 */ reason?: string
  /** @proto 6 */ message?: string
}

export interface JobSpec {
  /** @proto 1 @pointer */ parallelism: Int32
  /** @proto 2 @pointer */ completions?: Int32
  /** @proto 3 @pointer */ activeDeadlineSeconds?: Int64
  /** @proto 11 */ podFailurePolicy?: PodFailurePolicy
  /** @proto 16 */ successPolicy?: SuccessPolicy
  /** @proto 7 @pointer */ backoffLimit: Int32
  /** @proto 12 @pointer */ backoffLimitPerIndex?: Int32
  /** @proto 13 @pointer */ maxFailedIndexes?: Int32
  /** @proto 4 */ selector?: LabelSelector
  /** @proto 5 @pointer */ manualSelector: boolean
  /** @proto 6 @required @always */ template: PodTemplateSpec
  /** @proto 8 @pointer */ ttlSecondsAfterFinished?: Int32
  /** @proto 9 @pointer */ completionMode: string
  /** @proto 10 @pointer */ suspend: boolean
  /** @proto 14 @pointer */ podReplacementPolicy: string
  /** @proto 15 @pointer */ managedBy?: string
}

export interface JobStatus {
  /** @proto 1 @merge type @atomic */ conditions?: JobCondition[]
  /** @proto 2 @pointer */ startTime?: Time
  /** @proto 3 @pointer */ completionTime?: Time
  /** @proto 4 */ active?: Int32
  /** @proto 5 */ succeeded?: Int32
  /** @proto 6 */ failed?: Int32
  /** @proto 11 @pointer */ terminating?: Int32
  /** @proto 7 */ completedIndexes?: string
  /** @proto 10 @pointer */ failedIndexes?: string
  /** @proto 8 */ uncountedTerminatedPods?: UncountedTerminatedPods
  /** @proto 9 @pointer */ ready?: Int32
}

export interface JobTemplateSpec {
  /** @proto 1 @always */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: JobSpec
}

export interface PodFailurePolicy {
  /** @proto 1 @required @always null @atomic */ rules: PodFailurePolicyRule[]
}

export interface PodFailurePolicyOnExitCodesRequirement {
  /** @proto 1 @pointer */ containerName?: string
  /** @proto 2 @required @always */ operator: string
  /** @proto 3 @required @always null */ values: ListSet<Int32>
}

export interface PodFailurePolicyOnPodConditionsPattern {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @always @default "True" */ status: string
}

export interface PodFailurePolicyRule {
  /** @proto 1 @required @always */ action: string
  /** @proto 2 */ onExitCodes?: PodFailurePolicyOnExitCodesRequirement
  /** @proto 3 @atomic */ onPodConditions?: PodFailurePolicyOnPodConditionsPattern[]
}

export interface SuccessPolicy {
  /** @proto 1 @required @always null @atomic */ rules: SuccessPolicyRule[]
}

export interface SuccessPolicyRule {
  /** @proto 1 @pointer */ succeededIndexes?: string
  /** @proto 2 @pointer */ succeededCount?: Int32
}

export interface UncountedTerminatedPods {
  /** @proto 1 */ succeeded?: ListSet<string>
  /** @proto 2 */ failed?: ListSet<string>
}
