// The networking/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { TypedLocalObjectReference } from '#api/core/v1/types'
import type { Int32, IntOrString, ListMap } from '#apimachinery/meta/v1/scalars'
import type { Condition, LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface HTTPIngressPath {
  /** @proto 1 */ path?: string
  /** @proto 3 @required @always null */ pathType: string
  /** @proto 2 @required @always */ backend: IngressBackend
}

export interface HTTPIngressRuleValue {
  /** @proto 1 @required @always null @atomic */ paths: HTTPIngressPath[]
}

export interface IPAddress {
  apiVersion: 'networking.k8s.io/v1'
  kind: 'IPAddress'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: IPAddressSpec
}

export interface IPAddressSpec {
  /** @proto 1 @required */ parentRef: ParentReference
}

export interface IPBlock {
  /** @proto 1 @required @always */ cidr: string
  /** @proto 2 @atomic */ except?: string[]
}

export interface Ingress {
  apiVersion: 'networking.k8s.io/v1'
  kind: 'Ingress'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: IngressSpec
  /** @proto 3 @always */ status: IngressStatus
}

export interface IngressBackend {
  /** @proto 4 */ service?: IngressServiceBackend
  /** @proto 3 */ resource?: TypedLocalObjectReference
}

export interface IngressClass {
  apiVersion: 'networking.k8s.io/v1'
  kind: 'IngressClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: IngressClassSpec
}

export interface IngressClassParametersReference {
  /** @proto 1 @pointer */ apiGroup?: string
  /** @proto 2 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
  /** @proto 4 @always null @default "Cluster" */ scope?: string
  /** @proto 5 @pointer */ namespace?: string
}

export interface IngressClassSpec {
  /** @proto 1 */ controller?: string
  /** @proto 2 */ parameters?: IngressClassParametersReference
}

export interface IngressLoadBalancerIngress {
  /** @proto 1 */ ip?: string
  /** @proto 2 */ hostname?: string
  /** @proto 4 @atomic */ ports?: IngressPortStatus[]
}

export interface IngressLoadBalancerStatus {
  /** @proto 1 @atomic */ ingress?: IngressLoadBalancerIngress[]
}

export interface IngressPortStatus {
  /** @proto 1 @required @always */ port: Int32
  /** @proto 2 @required @always */ protocol: string
  /** @proto 3 @pointer */ error?: string
}

export interface IngressRule {
  /** @proto 1 */ host?: string
  /** @proto 2.1 */ http?: HTTPIngressRuleValue
}

export interface IngressServiceBackend {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @always */ port: ServiceBackendPort
}

export interface IngressSpec {
  /** @proto 4 @pointer */ ingressClassName?: string
  /** @proto 1 */ defaultBackend?: IngressBackend
  /** @proto 2 @atomic */ tls?: IngressTLS[]
  /** @proto 3 @atomic */ rules?: IngressRule[]
}

export interface IngressStatus {
  /** @proto 1 @always */ loadBalancer: IngressLoadBalancerStatus
}

export interface IngressTLS {
  /** @proto 1 @atomic */ hosts?: string[]
  /** @proto 2 */ secretName?: string
}

export interface NetworkPolicy {
  apiVersion: 'networking.k8s.io/v1'
  kind: 'NetworkPolicy'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: NetworkPolicySpec
}

export interface NetworkPolicyEgressRule {
  /** @proto 1 @atomic */ ports?: NetworkPolicyPort[]
  /** @proto 2 @atomic */ to?: NetworkPolicyPeer[]
}

export interface NetworkPolicyIngressRule {
  /** @proto 1 @atomic */ ports?: NetworkPolicyPort[]
  /** @proto 2 @atomic */ from?: NetworkPolicyPeer[]
}

export interface NetworkPolicyPeer {
  /** @proto 1 */ podSelector?: LabelSelector
  /** @proto 2 */ namespaceSelector?: LabelSelector
  /** @proto 3 */ ipBlock?: IPBlock
}

export interface NetworkPolicyPort {
  /** @proto 1 @default "TCP" @pointer */ protocol?: string
  /** @proto 2 @pointer */ port?: IntOrString
  /** @proto 3 @pointer */ endPort?: Int32
}

export interface NetworkPolicySpec {
  /** @proto 1 @always */ podSelector: LabelSelector
  /** @proto 2 @atomic */ ingress?: NetworkPolicyIngressRule[]
  /** @proto 3 @atomic */ egress?: NetworkPolicyEgressRule[]
  /** @proto 4 @atomic */ policyTypes: string[]
}

export interface ParentReference {
  /** @proto 1 */ group?: string
  /** @proto 2 @required */ resource: string
  /** @proto 3 */ namespace?: string
  /** @proto 4 @required */ name: string
}

/** @atomic */
export interface ServiceBackendPort {
  /** @proto 1 */ name?: string
  /** @proto 2 */ number?: Int32
}

export interface ServiceCIDR {
  apiVersion: 'networking.k8s.io/v1'
  kind: 'ServiceCIDR'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ServiceCIDRSpec
  /** @proto 3 @always */ status: ServiceCIDRStatus
}

export interface ServiceCIDRSpec {
  /** @proto 1 @atomic */ cidrs?: string[]
}

export interface ServiceCIDRStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<Condition, 'type'>
}
