// The flowcontrol/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, ListMap, ListSet, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ExemptPriorityLevelConfiguration {
  /** @proto 1 @default 0 @pointer */ nominalConcurrencyShares?: Int32
  /** @proto 2 @default 0 @pointer */ lendablePercent?: Int32
}

export interface FlowDistinguisherMethod {
  /** @proto 1 @required @always */ type: string
}

export interface FlowSchema {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1'
  kind: 'FlowSchema'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: FlowSchemaSpec
  /** @proto 3 @always */ status: FlowSchemaStatus
}

export interface FlowSchemaCondition {
  /** @proto 1 */ type?: string
  /** @proto 2 */ status?: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface FlowSchemaSpec {
  /** @proto 1 @required @always */ priorityLevelConfiguration: PriorityLevelConfigurationReference
  /** @proto 2 @always @default 1000 */ matchingPrecedence: Int32
  /** @proto 3 */ distinguisherMethod?: FlowDistinguisherMethod
  /** @proto 4 @atomic */ rules?: PolicyRulesWithSubjects[]
}

export interface FlowSchemaStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<FlowSchemaCondition, 'type'>
}

export interface GroupSubject {
  /** @proto 1 @required @always */ name: string
}

export interface LimitResponse {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 */ queuing?: QueuingConfiguration
}

export interface LimitedPriorityLevelConfiguration {
  /** @proto 1 @always null @default 30 */ nominalConcurrencyShares?: Int32
  /** @proto 2 @always */ limitResponse: LimitResponse
  /** @proto 3 @default 0 @pointer */ lendablePercent?: Int32
  /** @proto 4 @pointer */ borrowingLimitPercent?: Int32
}

export interface NonResourcePolicyRule {
  /** @proto 1 @required @always null */ verbs: ListSet<string>
  /** @proto 6 @required @always null */ nonResourceURLs: ListSet<string>
}

export interface PolicyRulesWithSubjects {
  /** @proto 1 @required @always null @atomic */ subjects: Subject[]
  /** @proto 2 @atomic */ resourceRules?: ResourcePolicyRule[]
  /** @proto 3 @atomic */ nonResourceRules?: NonResourcePolicyRule[]
}

export interface PriorityLevelConfiguration {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1'
  kind: 'PriorityLevelConfiguration'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PriorityLevelConfigurationSpec
  /** @proto 3 @always */ status: PriorityLevelConfigurationStatus
}

export interface PriorityLevelConfigurationCondition {
  /** @proto 1 */ type?: string
  /** @proto 2 */ status?: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface PriorityLevelConfigurationReference {
  /** @proto 1 @required @always */ name: string
}

export interface PriorityLevelConfigurationSpec {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 */ limited?: LimitedPriorityLevelConfiguration
  /** @proto 3 */ exempt?: ExemptPriorityLevelConfiguration
}

export interface PriorityLevelConfigurationStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<PriorityLevelConfigurationCondition, 'type'>
}

export interface QueuingConfiguration {
  /** @proto 1 @always @default 64 */ queues: Int32
  /** @proto 2 @always @default 8 */ handSize: Int32
  /** @proto 3 @always @default 50 */ queueLengthLimit: Int32
}

export interface ResourcePolicyRule {
  /** @proto 1 @required @always null */ verbs: ListSet<string>
  /** @proto 2 @required @always null */ apiGroups: ListSet<string>
  /** @proto 3 @required @always null */ resources: ListSet<string>
  /** @proto 4 */ clusterScope?: boolean
  /** @proto 5 @always null */ namespaces?: ListSet<string>
}

export interface ServiceAccountSubject {
  /** @proto 1 @required @always */ namespace: string
  /** @proto 2 @required @always */ name: string
}

export interface Subject {
  /** @proto 1 @required @always */ kind: string
  /** @proto 2 */ user?: UserSubject
  /** @proto 3 */ group?: GroupSubject
  /** @proto 4 */ serviceAccount?: ServiceAccountSubject
}

export interface UserSubject {
  /** @proto 1 @required @always */ name: string
}
