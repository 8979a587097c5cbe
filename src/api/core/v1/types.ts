// The core/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Bytes, Int32, Int64, IntOrString, ListMap, ListSet, MicroTime, Quantity, Time } from '#apimachinery/meta/v1/scalars'
import type { Condition, LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface AWSElasticBlockStoreVolumeSource {
  /** @proto 1 @required @always */ volumeID: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ partition?: Int32
  /** @proto 4 */ readOnly?: boolean
}

export interface Affinity {
  /** @proto 1 */ nodeAffinity?: NodeAffinity
  /** @proto 2 */ podAffinity?: PodAffinity
  /** @proto 3 */ podAntiAffinity?: PodAntiAffinity
}

export interface AppArmorProfile {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @pointer */ localhostProfile?: string
}

export interface AttachedVolume {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ devicePath: string
}

export interface AzureDiskVolumeSource {
  /** @proto 1 @required @always */ diskName: string
  /** @proto 2 @required @always */ diskURI: string
  /** @proto 3 @default "ReadWrite" @pointer */ cachingMode?: string
  /** @proto 4 @default "ext4" @pointer */ fsType?: string
  /** @proto 5 @default false @pointer */ readOnly?: boolean
  /** @proto 6 @default "Shared" @pointer */ kind?: string
}

export interface AzureFilePersistentVolumeSource {
  /** @proto 1 @required @always */ secretName: string
  /** @proto 2 @required @always */ shareName: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 @always null */ secretNamespace?: string
}

export interface AzureFileVolumeSource {
  /** @proto 1 @required @always */ secretName: string
  /** @proto 2 @required @always */ shareName: string
  /** @proto 3 */ readOnly?: boolean
}

export interface Binding {
  apiVersion: 'v1'
  kind: 'Binding'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ target: ObjectReference
}

export interface CSIPersistentVolumeSource {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @required @always */ volumeHandle: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 */ fsType?: string
  /** @proto 5 */ volumeAttributes?: Record<string, string>
  /** @proto 6 */ controllerPublishSecretRef?: SecretReference
  /** @proto 7 */ nodeStageSecretRef?: SecretReference
  /** @proto 8 */ nodePublishSecretRef?: SecretReference
  /** @proto 9 */ controllerExpandSecretRef?: SecretReference
  /** @proto 10 */ nodeExpandSecretRef?: SecretReference
}

export interface CSIVolumeSource {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @pointer */ readOnly?: boolean
  /** @proto 3 @pointer */ fsType?: string
  /** @proto 4 */ volumeAttributes?: Record<string, string>
  /** @proto 5 */ nodePublishSecretRef?: LocalObjectReference
}

export interface Capabilities {
  /** @proto 1 @atomic */ add?: string[]
  /** @proto 2 @atomic */ drop?: string[]
}

export interface CephFSPersistentVolumeSource {
  /** @proto 1 @required @always null @atomic */ monitors: string[]
  /** @proto 2 */ path?: string
  /** @proto 3 */ user?: string
  /** @proto 4 */ secretFile?: string
  /** @proto 5 */ secretRef?: SecretReference
  /** @proto 6 */ readOnly?: boolean
}

export interface CephFSVolumeSource {
  /** @proto 1 @required @always null @atomic */ monitors: string[]
  /** @proto 2 */ path?: string
  /** @proto 3 */ user?: string
  /** @proto 4 */ secretFile?: string
  /** @proto 5 */ secretRef?: LocalObjectReference
  /** @proto 6 */ readOnly?: boolean
}

export interface CinderPersistentVolumeSource {
  /** @proto 1 @required @always */ volumeID: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 */ secretRef?: SecretReference
}

export interface CinderVolumeSource {
  /** @proto 1 @required @always */ volumeID: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 */ secretRef?: LocalObjectReference
}

export interface ClientIPConfig {
  /** @proto 1 @pointer */ timeoutSeconds?: Int32
}

export interface ClusterTrustBundleProjection {
  /** @proto 1 @pointer */ name?: string
  /** @proto 2 @pointer */ signerName?: string
  /** @proto 3 */ labelSelector?: LabelSelector
  /** @proto 5 @pointer */ optional?: boolean
  /** @proto 4 @required @always */ path: string
}

export interface ComponentCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 */ message?: string
  /** @proto 4 */ error?: string
}

export interface ComponentStatus {
  apiVersion: 'v1'
  kind: 'ComponentStatus'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @merge type */ conditions?: ListMap<ComponentCondition, 'type'>
}

export interface ConfigMap {
  apiVersion: 'v1'
  kind: 'ConfigMap'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 4 @pointer */ immutable?: boolean
  /** @proto 2 */ data?: Record<string, string>
  /** @proto 3 */ binaryData?: Record<string, Bytes>
}

export interface ConfigMapEnvSource {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @pointer */ optional?: boolean
}

/** @atomic */
export interface ConfigMapKeySelector {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @required @always */ key: string
  /** @proto 3 @pointer */ optional?: boolean
}

export interface ConfigMapNodeConfigSource {
  /** @proto 1 @required @always */ namespace: string
  /** @proto 2 @required @always */ name: string
  /** @proto 3 */ uid?: string
  /** @proto 4 */ resourceVersion?: string
  /** @proto 5 @required @always */ kubeletConfigKey: string
}

export interface ConfigMapProjection {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @atomic */ items?: KeyToPath[]
  /** @proto 4 @pointer */ optional?: boolean
}

export interface ConfigMapVolumeSource {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @atomic */ items?: KeyToPath[]
  /** @proto 3 @default 420 @pointer */ defaultMode?: Int32
  /** @proto 4 @pointer */ optional?: boolean
}

export interface Container {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ image?: string
  /** @proto 3 @atomic */ command?: string[]
  /** @proto 4 @atomic */ args?: string[]
  /** @proto 5 */ workingDir?: string
  /** @proto 6 @merge containerPort */ ports?: ListMap<ContainerPort, 'containerPort' | 'protocol'>
  /** @proto 19 @atomic */ envFrom?: EnvFromSource[]
  /** @proto 7 @merge name */ env?: ListMap<EnvVar, 'name'>
  /** @proto 8 @always */ resources: ResourceRequirements
  /** @proto 23 @atomic */ resizePolicy?: ContainerResizePolicy[]
  /** @proto 24 @pointer */ restartPolicy?: string
  /** @proto 25 @atomic */ restartPolicyRules?: ContainerRestartRule[]
  /** @proto 9 @merge mountPath */ volumeMounts?: ListMap<VolumeMount, 'mountPath'>
  /** @proto 21 @merge devicePath */ volumeDevices?: ListMap<VolumeDevice, 'devicePath'>
  /** @proto 10 */ livenessProbe?: Probe
  /** @proto 11 */ readinessProbe?: Probe
  /** @proto 22 */ startupProbe?: Probe
  /** @proto 12 */ lifecycle?: Lifecycle
  /** @proto 13 @default "/dev/termination-log" */ terminationMessagePath?: string
  /** @proto 20 @default "File" */ terminationMessagePolicy?: string
  /** @proto 14 */ imagePullPolicy?: string
  /** @proto 15 */ securityContext?: SecurityContext
  /** @proto 16 */ stdin?: boolean
  /** @proto 17 */ stdinOnce?: boolean
  /** @proto 18 */ tty?: boolean
}

export interface ContainerExtendedResourceRequest {
  /** @proto 1 @required @always */ containerName: string
  /** @proto 2 @required @always */ resourceName: string
  /** @proto 3 @required @always */ requestName: string
}

export interface ContainerImage {
  /** @proto 1 @always null @atomic */ names?: string[]
  /** @proto 2 */ sizeBytes?: Int64
}

export interface ContainerPort {
  /** @proto 1 */ name?: string
  /** @proto 2 */ hostPort?: Int32
  /** @proto 3 @required @always */ containerPort: Int32
  /** @proto 4 @default "TCP" */ protocol?: string
  /** @proto 5 */ hostIP?: string
}

export interface ContainerResizePolicy {
  /** @proto 1 @required @always */ resourceName: string
  /** @proto 2 @required @always */ restartPolicy: string
}

export interface ContainerRestartRule {
  /** @proto 1 @required */ action: string
  /** @proto 2 */ exitCodes?: ContainerRestartRuleOnExitCodes
}

export interface ContainerRestartRuleOnExitCodes {
  /** @proto 1 @required */ operator: string
  /** @proto 2 */ values?: ListSet<Int32>
}

export interface ContainerState {
  /** @proto 1 */ waiting?: ContainerStateWaiting
  /** @proto 2 */ running?: ContainerStateRunning
  /** @proto 3 */ terminated?: ContainerStateTerminated
}

export interface ContainerStateRunning {
  /** @proto 1 @always null */ startedAt?: Time
}

export interface ContainerStateTerminated {
  /** @proto 1 @required @always */ exitCode: Int32
  /** @proto 2 */ signal?: Int32
  /** @proto 3 */ reason?: string
  /** @proto 4 */ message?: string
  /** @proto 5 @always null */ startedAt?: Time
  /** @proto 6 @always null */ finishedAt?: Time
  /** @proto 7 */ containerID?: string
}

export interface ContainerStateWaiting {
  /** @proto 1 */ reason?: string
  /** @proto 2 */ message?: string
}

export interface ContainerStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @always */ state: ContainerState
  /** @proto 3 @always */ lastState: ContainerState
  /** @proto 4 @required @always */ ready: boolean
  /** @proto 5 @required @always */ restartCount: Int32
  /** @proto 6 @required @always */ image: string
  /** @proto 7 @required @always */ imageID: string
  /** @proto 8 */ containerID?: string
  /** @proto 9 @pointer */ started?: boolean
  /** @proto 10 */ allocatedResources?: Record<string, Quantity>
  /** @proto 11 */ resources?: ResourceRequirements
  /** @proto 12 @merge mountPath */ volumeMounts?: ListMap<VolumeMountStatus, 'mountPath'>
  /** @proto 13 */ user?: ContainerUser
  /** @proto 14 @merge name */ allocatedResourcesStatus?: ListMap<ResourceStatus, 'name'>
  /** @proto 15 @pointer */ stopSignal?: string
}

export interface ContainerUser {
  /** @proto 1 */ linux?: LinuxContainerUser
}

export interface DaemonEndpoint {
  /** @proto 1 @required @always */ Port: Int32
}

export interface DownwardAPIProjection {
  /** @proto 1 @atomic */ items?: DownwardAPIVolumeFile[]
}

export interface DownwardAPIVolumeFile {
  /** @proto 1 @required @always */ path: string
  /** @proto 2 */ fieldRef?: ObjectFieldSelector
  /** @proto 3 */ resourceFieldRef?: ResourceFieldSelector
  /** @proto 4 @pointer */ mode?: Int32
}

export interface DownwardAPIVolumeSource {
  /** @proto 1 @atomic */ items?: DownwardAPIVolumeFile[]
  /** @proto 2 @default 420 @pointer */ defaultMode?: Int32
}

export interface EmptyDirVolumeSource {
  /** @proto 1 */ medium?: string
  /** @proto 2 @pointer */ sizeLimit?: Quantity
}

/** @atomic */
export interface EndpointAddress {
  /** @proto 1 @required @always */ ip: string
  /** @proto 3 */ hostname?: string
  /** @proto 4 @pointer */ nodeName?: string
  /** @proto 2 */ targetRef?: ObjectReference
}

/** @atomic */
export interface EndpointPort {
  /** @proto 1 */ name?: string
  /** @proto 2 @required @always */ port: Int32
  /** @proto 3 @default "TCP" */ protocol?: string
  /** @proto 4 @pointer */ appProtocol?: string
}

export interface EndpointSubset {
  /** @proto 1 @atomic */ addresses?: EndpointAddress[]
  /** @proto 2 @atomic */ notReadyAddresses?: EndpointAddress[]
  /** @proto 3 @atomic */ ports?: EndpointPort[]
}

export interface Endpoints {
  apiVersion: 'v1'
  kind: 'Endpoints'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @atomic */ subsets?: EndpointSubset[]
}

export interface EnvFromSource {
  /** @proto 1 */ prefix?: string
  /** @proto 2 */ configMapRef?: ConfigMapEnvSource
  /** @proto 3 */ secretRef?: SecretEnvSource
}

export interface EnvVar {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ value?: string
  /** @proto 3 */ valueFrom?: EnvVarSource
}

export interface EnvVarSource {
  /** @proto 1 */ fieldRef?: ObjectFieldSelector
  /** @proto 2 */ resourceFieldRef?: ResourceFieldSelector
  /** @proto 3 */ configMapKeyRef?: ConfigMapKeySelector
  /** @proto 4 */ secretKeyRef?: SecretKeySelector
  /** @proto 5 */ fileKeyRef?: FileKeySelector
}

export interface EphemeralContainer {
  /** @proto 1.1 @required @always */ name: string
  /** @proto 1.2 */ image?: string
  /** @proto 1.3 @atomic */ command?: string[]
  /** @proto 1.4 @atomic */ args?: string[]
  /** @proto 1.5 */ workingDir?: string
  /** @proto 1.6 @merge containerPort */ ports?: ListMap<ContainerPort, 'containerPort' | 'protocol'>
  /** @proto 1.19 @atomic */ envFrom?: EnvFromSource[]
  /** @proto 1.7 @merge name */ env?: ListMap<EnvVar, 'name'>
  /** @proto 1.8 @always */ resources: ResourceRequirements
  /** @proto 1.23 @atomic */ resizePolicy?: ContainerResizePolicy[]
  /** @proto 1.24 @pointer */ restartPolicy?: string
  /** @proto 1.25 @atomic */ restartPolicyRules?: ContainerRestartRule[]
  /** @proto 1.9 @merge mountPath */ volumeMounts?: ListMap<VolumeMount, 'mountPath'>
  /** @proto 1.21 @merge devicePath */ volumeDevices?: ListMap<VolumeDevice, 'devicePath'>
  /** @proto 1.10 */ livenessProbe?: Probe
  /** @proto 1.11 */ readinessProbe?: Probe
  /** @proto 1.22 */ startupProbe?: Probe
  /** @proto 1.12 */ lifecycle?: Lifecycle
  /** @proto 1.13 @default "/dev/termination-log" */ terminationMessagePath?: string
  /** @proto 1.20 @default "File" */ terminationMessagePolicy?: string
  /** @proto 1.14 */ imagePullPolicy?: string
  /** @proto 1.15 */ securityContext?: SecurityContext
  /** @proto 1.16 */ stdin?: boolean
  /** @proto 1.17 */ stdinOnce?: boolean
  /** @proto 1.18 */ tty?: boolean
  /** @proto 2 */ targetContainerName?: string
}

export interface EphemeralVolumeSource {
  /** @proto 1 */ volumeClaimTemplate?: PersistentVolumeClaimTemplate
}

export interface Event {
  apiVersion: 'v1'
  kind: 'Event'
  /** @proto 1 @required @always */ metadata: ObjectMeta
  /** @proto 2 @required @always */ involvedObject: ObjectReference
  /** @proto 3 */ reason?: string
  /** @proto 4 */ message?: string
  /** @proto 5 @always */ source: EventSource
  /** @proto 6 @always null */ firstTimestamp?: Time
  /** @proto 7 @always null */ lastTimestamp?: Time
  /** @proto 8 */ count?: Int32
  /** @proto 9 */ type?: string
  /** @proto 10 @always null */ eventTime?: MicroTime
  /** @proto 11 */ series?: EventSeries
  /** @proto 12 */ action?: string
  /** @proto 13 */ related?: ObjectReference
  /** @proto 14 @always */ reportingComponent: string
  /** @proto 15 @always */ reportingInstance: string
}

export interface EventSeries {
  /** @proto 1 */ count?: Int32
  /** @proto 2 @always null */ lastObservedTime?: MicroTime
}

export interface EventSource {
  /** @proto 1 */ component?: string
  /** @proto 2 */ host?: string
}

export interface ExecAction {
  /** @proto 1 @atomic */ command?: string[]
}

export interface FCVolumeSource {
  /** @proto 1 @atomic */ targetWWNs?: string[]
  /** @proto 2 @pointer */ lun?: Int32
  /** @proto 3 */ fsType?: string
  /** @proto 4 */ readOnly?: boolean
  /** @proto 5 @atomic */ wwids?: string[]
}

/** @atomic */
export interface FileKeySelector {
  /** @proto 1 @required @always */ volumeName: string
  /** @proto 2 @required @always */ path: string
  /** @proto 3 @required @always */ key: string
  /** @proto 4 @default false @pointer */ optional?: boolean
}

export interface FlexPersistentVolumeSource {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ secretRef?: SecretReference
  /** @proto 4 */ readOnly?: boolean
  /** @proto 5 */ options?: Record<string, string>
}

export interface FlexVolumeSource {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ secretRef?: LocalObjectReference
  /** @proto 4 */ readOnly?: boolean
  /** @proto 5 */ options?: Record<string, string>
}

export interface FlockerVolumeSource {
  /** @proto 1 */ datasetName?: string
  /** @proto 2 */ datasetUUID?: string
}

export interface GCEPersistentDiskVolumeSource {
  /** @proto 1 @required @always */ pdName: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ partition?: Int32
  /** @proto 4 */ readOnly?: boolean
}

export interface GRPCAction {
  /** @proto 1 @required @always */ port: Int32
  /** @proto 2 @always null @default "" */ service?: string
}

export interface GitRepoVolumeSource {
  /** @proto 1 @required @always */ repository: string
  /** @proto 2 */ revision?: string
  /** @proto 3 */ directory?: string
}

export interface GlusterfsPersistentVolumeSource {
  /** @proto 1 @required @always */ endpoints: string
  /** @proto 2 @required @always */ path: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 @pointer */ endpointsNamespace?: string
}

export interface GlusterfsVolumeSource {
  /** @proto 1 @required @always */ endpoints: string
  /** @proto 2 @required @always */ path: string
  /** @proto 3 */ readOnly?: boolean
}

export interface HTTPGetAction {
  /** @proto 1 @default "/" */ path?: string
  /** @proto 2 @required @always */ port: IntOrString
  /** @proto 3 */ host?: string
  /** @proto 4 @default "HTTP" */ scheme?: string
  /** @proto 5 @atomic */ httpHeaders?: HTTPHeader[]
}

export interface HTTPHeader {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ value: string
}

export interface HostAlias {
  /** @proto 1 @required @always */ ip: string
  /** @proto 2 @atomic */ hostnames?: string[]
}

export interface HostIP {
  /** @proto 1 @required @always */ ip: string
}

export interface HostPathVolumeSource {
  /** @proto 1 @required @always */ path: string
  /** @proto 2 @default "" @pointer */ type?: string
}

export interface ISCSIPersistentVolumeSource {
  /** @proto 1 @required @always */ targetPortal: string
  /** @proto 2 @required @always */ iqn: string
  /** @proto 3 @required @always */ lun: Int32
  /** @proto 4 @default "default" */ iscsiInterface?: string
  /** @proto 5 */ fsType?: string
  /** @proto 6 */ readOnly?: boolean
  /** @proto 7 @atomic */ portals?: string[]
  /** @proto 8 */ chapAuthDiscovery?: boolean
  /** @proto 11 */ chapAuthSession?: boolean
  /** @proto 10 */ secretRef?: SecretReference
  /** @proto 12 @pointer */ initiatorName?: string
}

export interface ISCSIVolumeSource {
  /** @proto 1 @required @always */ targetPortal: string
  /** @proto 2 @required @always */ iqn: string
  /** @proto 3 @required @always */ lun: Int32
  /** @proto 4 @default "default" */ iscsiInterface?: string
  /** @proto 5 */ fsType?: string
  /** @proto 6 */ readOnly?: boolean
  /** @proto 7 @atomic */ portals?: string[]
  /** @proto 8 */ chapAuthDiscovery?: boolean
  /** @proto 11 */ chapAuthSession?: boolean
  /** @proto 10 */ secretRef?: LocalObjectReference
  /** @proto 12 @pointer */ initiatorName?: string
}

export interface ImageVolumeSource {
  /** @proto 1 */ reference?: string
  /** @proto 2 */ pullPolicy?: string
}

export interface ImageVolumeStatus {
  /** @proto 1 @required */ imageRef: string
}

export interface KeyToPath {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always */ path: string
  /** @proto 3 @pointer */ mode?: Int32
}

export interface Lifecycle {
  /** @proto 1 */ postStart?: LifecycleHandler
  /** @proto 2 */ preStop?: LifecycleHandler
  /** @proto 3 @pointer */ stopSignal?: string
}

export interface LifecycleHandler {
  /** @proto 1 */ exec?: ExecAction
  /** @proto 2 */ httpGet?: HTTPGetAction
  /** @proto 3 */ tcpSocket?: TCPSocketAction
  /** @proto 4 */ sleep?: SleepAction
}

export interface LimitRange {
  apiVersion: 'v1'
  kind: 'LimitRange'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: LimitRangeSpec
}

export interface LimitRangeItem {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 */ max?: Record<string, Quantity>
  /** @proto 3 */ min?: Record<string, Quantity>
  /** @proto 4 */ default?: Record<string, Quantity>
  /** @proto 5 */ defaultRequest?: Record<string, Quantity>
  /** @proto 6 */ maxLimitRequestRatio?: Record<string, Quantity>
}

export interface LimitRangeSpec {
  /** @proto 1 @required @always null @atomic */ limits: LimitRangeItem[]
}

export interface LinuxContainerUser {
  /** @proto 1 @required @always */ uid: Int64
  /** @proto 2 @required @always */ gid: Int64
  /** @proto 3 @atomic */ supplementalGroups?: Int64[]
}

export interface LoadBalancerIngress {
  /** @proto 1 */ ip?: string
  /** @proto 2 */ hostname?: string
  /** @proto 3 @pointer */ ipMode?: string
  /** @proto 4 @atomic */ ports?: PortStatus[]
}

export interface LoadBalancerStatus {
  /** @proto 1 @atomic */ ingress?: LoadBalancerIngress[]
}

/** @atomic */
export interface LocalObjectReference {
  /** @proto 1 */ name?: string
}

export interface LocalVolumeSource {
  /** @proto 1 @required @always */ path: string
  /** @proto 2 @pointer */ fsType?: string
}

export interface ModifyVolumeStatus {
  /** @proto 1 */ targetVolumeAttributesClassName?: string
  /** @proto 2 @required @always */ status: string
}

export interface NFSVolumeSource {
  /** @proto 1 @required @always */ server: string
  /** @proto 2 @required @always */ path: string
  /** @proto 3 */ readOnly?: boolean
}

export interface Namespace {
  apiVersion: 'v1'
  kind: 'Namespace'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: NamespaceSpec
  /** @proto 3 @always */ status: NamespaceStatus
}

export interface NamespaceCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 4 @always null */ lastTransitionTime?: Time
  /** @proto 5 */ reason?: string
  /** @proto 6 */ message?: string
}

export interface NamespaceSpec {
  /** @proto 1 @atomic */ finalizers?: string[]
}

export interface NamespaceStatus {
  /** @proto 1 @default "Active" */ phase: string
  /** @proto 2 @merge type */ conditions?: ListMap<NamespaceCondition, 'type'>
}

export interface Node {
  apiVersion: 'v1'
  kind: 'Node'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: NodeSpec
  /** @proto 3 @always */ status: NodeStatus
}

export interface NodeAddress {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ address: string
}

export interface NodeAffinity {
  /** @proto 1 */ requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector
  /** @proto 2 @atomic */ preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[]
}

export interface NodeAllocatableResourceClaimStatus {
  /** @proto 1 @required @always */ resourceClaimName: string
  /** @proto 2 */ containers?: ListSet<string>
  /** @proto 3 @required @always null */ resources: Record<string, Quantity>
}

export interface NodeCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastHeartbeatTime?: Time
  /** @proto 4 @always null */ lastTransitionTime?: Time
  /** @proto 5 */ reason?: string
  /** @proto 6 */ message?: string
}

export interface NodeConfigSource {
  /** @proto 2 */ configMap?: ConfigMapNodeConfigSource
}

export interface NodeConfigStatus {
  /** @proto 1 */ assigned?: NodeConfigSource
  /** @proto 2 */ active?: NodeConfigSource
  /** @proto 3 */ lastKnownGood?: NodeConfigSource
  /** @proto 4 */ error?: string
}

export interface NodeDaemonEndpoints {
  /** @proto 1 @always */ kubeletEndpoint: DaemonEndpoint
}

export interface NodeFeatures {
  /** @proto 1 @pointer */ supplementalGroupsPolicy?: boolean
}

export interface NodeRuntimeHandler {
  /** @proto 1 @always */ name: string
  /** @proto 2 */ features?: NodeRuntimeHandlerFeatures
}

export interface NodeRuntimeHandlerFeatures {
  /** @proto 1 @pointer */ recursiveReadOnlyMounts?: boolean
  /** @proto 2 @pointer */ userNamespaces?: boolean
}

/** @atomic */
export interface NodeSelector {
  /** @proto 1 @required @always null @atomic */ nodeSelectorTerms: NodeSelectorTerm[]
}

export interface NodeSelectorRequirement {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always */ operator: string
  /** @proto 3 @atomic */ values?: string[]
}

/** @atomic */
export interface NodeSelectorTerm {
  /** @proto 1 @atomic */ matchExpressions?: NodeSelectorRequirement[]
  /** @proto 2 @atomic */ matchFields?: NodeSelectorRequirement[]
}

export interface NodeSpec {
  /** @proto 1 */ podCIDR?: string
  /** @proto 7 @merge */ podCIDRs?: ListSet<string>
  /** @proto 3 */ providerID?: string
  /** @proto 4 */ unschedulable?: boolean
  /** @proto 5 @atomic */ taints?: Taint[]
  /** @proto 6 */ configSource?: NodeConfigSource
  /** @proto 2 */ externalID?: string
}

export interface NodeStatus {
  /** @proto 1 */ capacity?: Record<string, Quantity>
  /** @proto 2 */ allocatable?: Record<string, Quantity>
  /** @proto 3 */ phase?: string
  /** @proto 4 @merge type */ conditions?: ListMap<NodeCondition, 'type'>
  /** @proto 5 @merge type */ addresses?: ListMap<NodeAddress, 'type'>
  /** @proto 6 @always */ daemonEndpoints: NodeDaemonEndpoints
  /** @proto 7 @always */ nodeInfo: NodeSystemInfo
  /** @proto 8 @atomic */ images?: ContainerImage[]
  /** @proto 9 @atomic */ volumesInUse?: string[]
  /** @proto 10 @atomic */ volumesAttached?: AttachedVolume[]
  /** @proto 11 */ config?: NodeConfigStatus
  /** @proto 12 @atomic */ runtimeHandlers?: NodeRuntimeHandler[]
  /** @proto 13 */ features?: NodeFeatures
  /** @proto 14 @atomic */ declaredFeatures?: string[]
}

export interface NodeSwapStatus {
  /** @proto 1 @pointer */ capacity?: Int64
}

export interface NodeSystemInfo {
  /** @proto 1 @required @always */ machineID: string
  /** @proto 2 @required @always */ systemUUID: string
  /** @proto 3 @required @always */ bootID: string
  /** @proto 4 @required @always */ kernelVersion: string
  /** @proto 5 @required @always */ osImage: string
  /** @proto 6 @required @always */ containerRuntimeVersion: string
  /** @proto 7 @required @always */ kubeletVersion: string
  /** @proto 8 @required @always */ kubeProxyVersion: string
  /** @proto 9 @required @always */ operatingSystem: string
  /** @proto 10 @required @always */ architecture: string
  /** @proto 11 */ swap?: NodeSwapStatus
}

/** @atomic */
export interface ObjectFieldSelector {
  /** @proto 1 @default "v1" */ apiVersion?: string
  /** @proto 2 @required @always */ fieldPath: string
}

/** @atomic */
export interface ObjectReference {
  /** @proto 1 */ kind?: string
  /** @proto 2 */ namespace?: string
  /** @proto 3 */ name?: string
  /** @proto 4 */ uid?: string
  /** @proto 5 */ apiVersion?: string
  /** @proto 6 */ resourceVersion?: string
  /** @proto 7 */ fieldPath?: string
}

export interface PersistentVolume {
  apiVersion: 'v1'
  kind: 'PersistentVolume'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PersistentVolumeSpec
  /** @proto 3 @always */ status: PersistentVolumeStatus
}

export interface PersistentVolumeClaim {
  apiVersion: 'v1'
  kind: 'PersistentVolumeClaim'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PersistentVolumeClaimSpec
  /** @proto 3 @always */ status: PersistentVolumeClaimStatus
}

export interface PersistentVolumeClaimCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastProbeTime?: Time
  /** @proto 4 @always null */ lastTransitionTime?: Time
  /** @proto 5 */ reason?: string
  /** @proto 6 */ message?: string
}

export interface PersistentVolumeClaimSpec {
  /** @proto 1 @atomic */ accessModes?: string[]
  /** @proto 4 */ selector?: LabelSelector
  /** @proto 2 @always */ resources: VolumeResourceRequirements
  /** @proto 3 */ volumeName?: string
  /** @proto 5 @pointer */ storageClassName?: string
  /** @proto 6 @default "Filesystem" @pointer */ volumeMode?: string
  /** @proto 7 */ dataSource?: TypedLocalObjectReference
  /** @proto 8 */ dataSourceRef?: TypedObjectReference
  /** @proto 9 @pointer */ volumeAttributesClassName?: string
}

export interface PersistentVolumeClaimStatus {
  /** @proto 1 @default "Pending" */ phase?: string
  /** @proto 2 @atomic */ accessModes?: string[]
  /** @proto 3 */ capacity?: Record<string, Quantity>
  /** @proto 4 @merge type */ conditions?: ListMap<PersistentVolumeClaimCondition, 'type'>
  /** @proto 5 */ allocatedResources?: Record<string, Quantity>
  /** @proto 7 @granular */ allocatedResourceStatuses?: Record<string, string>
  /** @proto 8 @pointer */ currentVolumeAttributesClassName?: string
  /** @proto 9 */ modifyVolumeStatus?: ModifyVolumeStatus
}

export interface PersistentVolumeClaimTemplate {
  /** @proto 1 @always */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: PersistentVolumeClaimSpec
}

export interface PersistentVolumeClaimVolumeSource {
  /** @proto 1 @required @always */ claimName: string
  /** @proto 2 */ readOnly?: boolean
}

export interface PersistentVolumeSpec {
  /** @proto 1 */ capacity?: Record<string, Quantity>
  /** @proto 2.1 */ gcePersistentDisk?: GCEPersistentDiskVolumeSource
  /** @proto 2.2 */ awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource
  /** @proto 2.3 */ hostPath?: HostPathVolumeSource
  /** @proto 2.4 */ glusterfs?: GlusterfsPersistentVolumeSource
  /** @proto 2.5 */ nfs?: NFSVolumeSource
  /** @proto 2.6 */ rbd?: RBDPersistentVolumeSource
  /** @proto 2.7 */ iscsi?: ISCSIPersistentVolumeSource
  /** @proto 2.8 */ cinder?: CinderPersistentVolumeSource
  /** @proto 2.9 */ cephfs?: CephFSPersistentVolumeSource
  /** @proto 2.10 */ fc?: FCVolumeSource
  /** @proto 2.11 */ flocker?: FlockerVolumeSource
  /** @proto 2.12 */ flexVolume?: FlexPersistentVolumeSource
  /** @proto 2.13 */ azureFile?: AzureFilePersistentVolumeSource
  /** @proto 2.14 */ vsphereVolume?: VsphereVirtualDiskVolumeSource
  /** @proto 2.15 */ quobyte?: QuobyteVolumeSource
  /** @proto 2.16 */ azureDisk?: AzureDiskVolumeSource
  /** @proto 2.17 */ photonPersistentDisk?: PhotonPersistentDiskVolumeSource
  /** @proto 2.18 */ portworxVolume?: PortworxVolumeSource
  /** @proto 2.19 */ scaleIO?: ScaleIOPersistentVolumeSource
  /** @proto 2.20 */ local?: LocalVolumeSource
  /** @proto 2.21 */ storageos?: StorageOSPersistentVolumeSource
  /** @proto 2.22 */ csi?: CSIPersistentVolumeSource
  /** @proto 3 @atomic */ accessModes?: string[]
  /** @proto 4 @granular */ claimRef?: ObjectReference
  /** @proto 5 @default "Retain" */ persistentVolumeReclaimPolicy: string
  /** @proto 6 */ storageClassName?: string
  /** @proto 7 @atomic */ mountOptions?: string[]
  /** @proto 8 @default "Filesystem" @pointer */ volumeMode: string
  /** @proto 9 */ nodeAffinity?: VolumeNodeAffinity
  /** @proto 10 @pointer */ volumeAttributesClassName?: string
}

export interface PersistentVolumeStatus {
  /** @proto 1 @default "Pending" */ phase: string
  /** @proto 2 */ message?: string
  /** @proto 3 */ reason?: string
  /** @proto 4 @pointer */ lastPhaseTransitionTime?: Time
}

export interface PhotonPersistentDiskVolumeSource {
  /** @proto 1 @required @always */ pdID: string
  /** @proto 2 */ fsType?: string
}

export interface Pod {
  apiVersion: 'v1'
  kind: 'Pod'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PodSpec
  /** @proto 3 @always */ status: PodStatus
}

export interface PodAffinity {
  /** @proto 1 @atomic */ requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[]
  /** @proto 2 @atomic */ preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[]
}

export interface PodAffinityTerm {
  /** @proto 1 */ labelSelector?: LabelSelector
  /** @proto 2 @atomic */ namespaces?: string[]
  /** @proto 3 @required @always */ topologyKey: string
  /** @proto 4 */ namespaceSelector?: LabelSelector
  /** @proto 5 @atomic */ matchLabelKeys?: string[]
  /** @proto 6 @atomic */ mismatchLabelKeys?: string[]
}

export interface PodAntiAffinity {
  /** @proto 1 @atomic */ requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[]
  /** @proto 2 @atomic */ preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[]
}

export interface PodCertificateProjection {
  /** @proto 1 @required */ signerName: string
  /** @proto 2 @required */ keyType: string
  /** @proto 3 @pointer */ maxExpirationSeconds?: Int32
  /** @proto 4 */ credentialBundlePath?: string
  /** @proto 5 */ keyPath?: string
  /** @proto 6 */ certificateChainPath?: string
  /** @proto 7 */ userAnnotations?: Record<string, string>
}

export interface PodCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 7 */ observedGeneration?: Int64
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastProbeTime?: Time
  /** @proto 4 @always null */ lastTransitionTime?: Time
  /** @proto 5 */ reason?: string
  /** @proto 6 */ message?: string
}

export interface PodDNSConfig {
  /** @proto 1 @atomic */ nameservers?: string[]
  /** @proto 2 @atomic */ searches?: string[]
  /** @proto 3 @atomic */ options?: PodDNSConfigOption[]
}

export interface PodDNSConfigOption {
  /** @proto 1 */ name?: string
  /** @proto 2 @pointer */ value?: string
}

export interface PodExtendedResourceClaimStatus {
  /** @proto 1 @required @always null @atomic */ requestMappings: ContainerExtendedResourceRequest[]
  /** @proto 2 @required @always */ resourceClaimName: string
}

export interface PodIP {
  /** @proto 1 @required @always */ ip: string
}

export interface PodOS {
  /** @proto 1 @required @always */ name: string
}

export interface PodReadinessGate {
  /** @proto 1 @required @always */ conditionType: string
}

export interface PodResourceClaim {
  /** @proto 1 @required @always */ name: string
  /** @proto 3 @pointer */ resourceClaimName?: string
  /** @proto 4 @pointer */ resourceClaimTemplateName?: string
}

export interface PodResourceClaimStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @pointer */ resourceClaimName?: string
}

export interface PodSchedulingGate {
  /** @proto 1 @required @always */ name: string
}

export interface PodSchedulingGroup {
  /** @proto 1 @pointer */ podGroupName?: string
}

export interface PodSecurityContext {
  /** @proto 1 */ seLinuxOptions?: SELinuxOptions
  /** @proto 8 */ windowsOptions?: WindowsSecurityContextOptions
  /** @proto 2 @pointer */ runAsUser?: Int64
  /** @proto 6 @pointer */ runAsGroup?: Int64
  /** @proto 3 @pointer */ runAsNonRoot?: boolean
  /** @proto 4 @atomic */ supplementalGroups?: Int64[]
  /** @proto 12 @pointer */ supplementalGroupsPolicy?: string
  /** @proto 5 @pointer */ fsGroup?: Int64
  /** @proto 7 @atomic */ sysctls?: Sysctl[]
  /** @proto 9 @pointer */ fsGroupChangePolicy?: string
  /** @proto 10 */ seccompProfile?: SeccompProfile
  /** @proto 11 */ appArmorProfile?: AppArmorProfile
  /** @proto 13 @pointer */ seLinuxChangePolicy?: string
}

export interface PodSpec {
  /** @proto 1 @merge name @retainKeys */ volumes?: ListMap<Volume, 'name'>
  /** @proto 20 @merge name */ initContainers?: ListMap<Container, 'name'>
  /** @proto 2 @required @always null @merge name */ containers: ListMap<Container, 'name'>
  /** @proto 34 @merge name */ ephemeralContainers?: ListMap<EphemeralContainer, 'name'>
  /** @proto 3 @default "Always" */ restartPolicy: string
  /** @proto 4 @default 30 @pointer */ terminationGracePeriodSeconds: Int64
  /** @proto 5 @pointer */ activeDeadlineSeconds?: Int64
  /** @proto 6 @default "ClusterFirst" */ dnsPolicy: string
  /** @proto 7 @atomic */ nodeSelector?: Record<string, string>
  /** @proto 8 */ serviceAccountName?: string
  /** @proto 9 */ serviceAccount?: string
  /** @proto 21 @pointer */ automountServiceAccountToken?: boolean
  /** @proto 10 */ nodeName?: string
  /** @proto 11 */ hostNetwork?: boolean
  /** @proto 12 */ hostPID?: boolean
  /** @proto 13 */ hostIPC?: boolean
  /** @proto 27 @pointer */ shareProcessNamespace?: boolean
  /** @proto 14 @default {} */ securityContext: PodSecurityContext
  /** @proto 15 @merge name */ imagePullSecrets?: ListMap<LocalObjectReference, 'name'>
  /** @proto 16 */ hostname?: string
  /** @proto 17 */ subdomain?: string
  /** @proto 18 */ affinity?: Affinity
  /** @proto 19 @default "default-scheduler" */ schedulerName: string
  /** @proto 22 @atomic */ tolerations?: Toleration[]
  /** @proto 23 @merge ip */ hostAliases?: ListMap<HostAlias, 'ip'>
  /** @proto 24 */ priorityClassName?: string
  /** @proto 25 @pointer */ priority?: Int32
  /** @proto 26 */ dnsConfig?: PodDNSConfig
  /** @proto 28 @atomic */ readinessGates?: PodReadinessGate[]
  /** @proto 29 @pointer */ runtimeClassName?: string
  /** @proto 30 @pointer */ enableServiceLinks?: boolean
  /** @proto 31 @pointer */ preemptionPolicy?: string
  /** @proto 32 */ overhead?: Record<string, Quantity>
  /** @proto 33 @merge topologyKey */ topologySpreadConstraints?: ListMap<TopologySpreadConstraint, 'topologyKey' | 'whenUnsatisfiable'>
  /** @proto 35 @pointer */ setHostnameAsFQDN?: boolean
  /** @proto 36 */ os?: PodOS
  /** @proto 37 @pointer */ hostUsers?: boolean
  /** @proto 38 @merge name */ schedulingGates?: ListMap<PodSchedulingGate, 'name'>
  /** @proto 39 @merge name @retainKeys */ resourceClaims?: ListMap<PodResourceClaim, 'name'>
  /** @proto 40 */ resources?: ResourceRequirements
  /** @proto 41 @pointer */ hostnameOverride?: string
  /** @proto 43 */ schedulingGroup?: PodSchedulingGroup
}

export interface PodStatus {
  /** @proto 17 */ observedGeneration?: Int64
  /** @proto 1 */ phase?: string
  /** @proto 2 @merge type */ conditions?: ListMap<PodCondition, 'type'>
  /** @proto 3 */ message?: string
  /** @proto 4 */ reason?: string
  /** @proto 11 */ nominatedNodeName?: string
  /** @proto 5 */ hostIP?: string
  /** @proto 16 @merge ip @atomic */ hostIPs?: HostIP[]
  /** @proto 6 */ podIP?: string
  /** @proto 12 @merge ip */ podIPs?: ListMap<PodIP, 'ip'>
  /** @proto 7 @pointer */ startTime?: Time
  /** @proto 10 @atomic */ initContainerStatuses?: ContainerStatus[]
  /** @proto 8 @atomic */ containerStatuses?: ContainerStatus[]
  /** @proto 9 */ qosClass?: string
  /** @proto 13 @atomic */ ephemeralContainerStatuses?: ContainerStatus[]
  /** @proto 14 */ resize?: string
  /** @proto 15 @merge name @retainKeys */ resourceClaimStatuses?: ListMap<PodResourceClaimStatus, 'name'>
  /** @proto 18 */ extendedResourceClaimStatus?: PodExtendedResourceClaimStatus
  /** @proto 19 */ allocatedResources?: Record<string, Quantity>
  /** @proto 20 */ resources?: ResourceRequirements
  /** @proto 21 @atomic */ nodeAllocatableResourceClaimStatuses?: NodeAllocatableResourceClaimStatus[]
}

export interface PodTemplate {
  apiVersion: 'v1'
  kind: 'PodTemplate'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ template: PodTemplateSpec
}

export interface PodTemplateSpec {
  /** @proto 1 @always */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PodSpec
}

export interface PortStatus {
  /** @proto 1 @required @always */ port: Int32
  /** @proto 2 @required @always */ protocol: string
  /** @proto 3 @pointer */ error?: string
}

export interface PortworxVolumeSource {
  /** @proto 1 @required @always */ volumeID: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ readOnly?: boolean
}

export interface PreferredSchedulingTerm {
  /** @proto 1 @required @always */ weight: Int32
  /** @proto 2 @required @always */ preference: NodeSelectorTerm
}

export interface Probe {
  /** @proto 1.1 */ exec?: ExecAction
  /** @proto 1.2 */ httpGet?: HTTPGetAction
  /** @proto 1.3 */ tcpSocket?: TCPSocketAction
  /** @proto 1.4 */ grpc?: GRPCAction
  /** @proto 2 */ initialDelaySeconds?: Int32
  /** @proto 3 @default 1 */ timeoutSeconds?: Int32
  /** @proto 4 @default 10 */ periodSeconds?: Int32
  /** @proto 5 @default 1 */ successThreshold?: Int32
  /** @proto 6 @default 3 */ failureThreshold?: Int32
  /** @proto 7 @pointer */ terminationGracePeriodSeconds?: Int64
}

export interface ProjectedVolumeSource {
  /** @proto 1 @always null @atomic */ sources?: VolumeProjection[]
  /** @proto 2 @default 420 @pointer */ defaultMode?: Int32
}

export interface QuobyteVolumeSource {
  /** @proto 1 @required @always */ registry: string
  /** @proto 2 @required @always */ volume: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 */ user?: string
  /** @proto 5 */ group?: string
  /** @proto 6 */ tenant?: string
}

export interface RBDPersistentVolumeSource {
  /** @proto 1 @required @always null @atomic */ monitors: string[]
  /** @proto 2 @required @always */ image: string
  /** @proto 3 */ fsType?: string
  /** @proto 4 @default "rbd" */ pool?: string
  /** @proto 5 @default "admin" */ user?: string
  /** @proto 6 @default "/etc/ceph/keyring" */ keyring?: string
  /** @proto 7 */ secretRef?: SecretReference
  /** @proto 8 */ readOnly?: boolean
}

export interface RBDVolumeSource {
  /** @proto 1 @required @always null @atomic */ monitors: string[]
  /** @proto 2 @required @always */ image: string
  /** @proto 3 */ fsType?: string
  /** @proto 4 @default "rbd" */ pool?: string
  /** @proto 5 @default "admin" */ user?: string
  /** @proto 6 @default "/etc/ceph/keyring" */ keyring?: string
  /** @proto 7 */ secretRef?: LocalObjectReference
  /** @proto 8 */ readOnly?: boolean
}

export interface ReplicationController {
  apiVersion: 'v1'
  kind: 'ReplicationController'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ReplicationControllerSpec
  /** @proto 3 @always */ status: ReplicationControllerStatus
}

export interface ReplicationControllerCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface ReplicationControllerSpec {
  /** @proto 1 @default 1 @pointer */ replicas: Int32
  /** @proto 4 */ minReadySeconds?: Int32
  /** @proto 2 @atomic */ selector?: Record<string, string>
  /** @proto 3 */ template?: PodTemplateSpec
}

export interface ReplicationControllerStatus {
  /** @proto 1 @required @always */ replicas: Int32
  /** @proto 2 */ fullyLabeledReplicas?: Int32
  /** @proto 4 */ readyReplicas?: Int32
  /** @proto 5 */ availableReplicas?: Int32
  /** @proto 3 */ observedGeneration?: Int64
  /** @proto 6 @merge type */ conditions?: ListMap<ReplicationControllerCondition, 'type'>
}

export interface ResourceClaim {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ request?: string
}

/** @atomic */
export interface ResourceFieldSelector {
  /** @proto 1 */ containerName?: string
  /** @proto 2 @required @always */ resource: string
  /** @proto 3 @always */ divisor: Quantity
}

export interface ResourceHealth {
  /** @proto 1 @required @always */ resourceID: string
  /** @proto 2 */ health?: string
  /** @proto 6 @pointer */ message?: string
}

export interface ResourceQuota {
  apiVersion: 'v1'
  kind: 'ResourceQuota'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ResourceQuotaSpec
  /** @proto 3 @always */ status: ResourceQuotaStatus
}

export interface ResourceQuotaSpec {
  /** @proto 1 */ hard?: Record<string, Quantity>
  /** @proto 2 @atomic */ scopes?: string[]
  /** @proto 3 */ scopeSelector?: ScopeSelector
}

export interface ResourceQuotaStatus {
  /** @proto 1 */ hard?: Record<string, Quantity>
  /** @proto 2 */ used?: Record<string, Quantity>
}

export interface ResourceRequirements {
  /** @proto 1 */ limits?: Record<string, Quantity>
  /** @proto 2 */ requests?: Record<string, Quantity>
  /** @proto 3 */ claims?: ListMap<ResourceClaim, 'name'>
}

export interface ResourceStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ resources?: ListMap<ResourceHealth, 'resourceID'>
}

export interface SELinuxOptions {
  /** @proto 1 */ user?: string
  /** @proto 2 */ role?: string
  /** @proto 3 */ type?: string
  /** @proto 4 */ level?: string
}

export interface ScaleIOPersistentVolumeSource {
  /** @proto 1 @required @always */ gateway: string
  /** @proto 2 @required @always */ system: string
  /** @proto 3 @required @always null */ secretRef: SecretReference
  /** @proto 4 */ sslEnabled?: boolean
  /** @proto 5 */ protectionDomain?: string
  /** @proto 6 */ storagePool?: string
  /** @proto 7 @default "ThinProvisioned" */ storageMode?: string
  /** @proto 8 */ volumeName?: string
  /** @proto 9 @default "xfs" */ fsType?: string
  /** @proto 10 */ readOnly?: boolean
}

export interface ScaleIOVolumeSource {
  /** @proto 1 @required @always */ gateway: string
  /** @proto 2 @required @always */ system: string
  /** @proto 3 @required @always null */ secretRef: LocalObjectReference
  /** @proto 4 */ sslEnabled?: boolean
  /** @proto 5 */ protectionDomain?: string
  /** @proto 6 */ storagePool?: string
  /** @proto 7 @default "ThinProvisioned" */ storageMode?: string
  /** @proto 8 */ volumeName?: string
  /** @proto 9 @default "xfs" */ fsType?: string
  /** @proto 10 */ readOnly?: boolean
}

/** @atomic */
export interface ScopeSelector {
  /** @proto 1 @atomic */ matchExpressions?: ScopedResourceSelectorRequirement[]
}

export interface ScopedResourceSelectorRequirement {
  /** @proto 1 @required @always */ scopeName: string
  /** @proto 2 @required @always */ operator: string
  /** @proto 3 @atomic */ values?: string[]
}

export interface SeccompProfile {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @pointer */ localhostProfile?: string
}

export interface Secret {
  apiVersion: 'v1'
  kind: 'Secret'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 5 @pointer */ immutable?: boolean
  /** @proto 2 */ data?: Record<string, Bytes>
  /** @proto 4 */ stringData?: Record<string, string>
  /** @proto 3 @default "Opaque" */ type: string
}

export interface SecretEnvSource {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @pointer */ optional?: boolean
}

/** @atomic */
export interface SecretKeySelector {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @required @always */ key: string
  /** @proto 3 @pointer */ optional?: boolean
}

export interface SecretProjection {
  /** @proto 1.1 */ name?: string
  /** @proto 2 @atomic */ items?: KeyToPath[]
  /** @proto 4 @pointer */ optional?: boolean
}

/** @atomic */
export interface SecretReference {
  /** @proto 1 */ name?: string
  /** @proto 2 */ namespace?: string
}

export interface SecretVolumeSource {
  /** @proto 1 */ secretName?: string
  /** @proto 2 @atomic */ items?: KeyToPath[]
  /** @proto 3 @default 420 @pointer */ defaultMode?: Int32
  /** @proto 4 @pointer */ optional?: boolean
}

export interface SecurityContext {
  /** @proto 1 */ capabilities?: Capabilities
  /** @proto 2 @pointer */ privileged?: boolean
  /** @proto 3 */ seLinuxOptions?: SELinuxOptions
  /** @proto 10 */ windowsOptions?: WindowsSecurityContextOptions
  /** @proto 4 @pointer */ runAsUser?: Int64
  /** @proto 8 @pointer */ runAsGroup?: Int64
  /** @proto 5 @pointer */ runAsNonRoot?: boolean
  /** @proto 6 @pointer */ readOnlyRootFilesystem?: boolean
  /** @proto 7 @pointer */ allowPrivilegeEscalation?: boolean
  /** @proto 9 @pointer */ procMount?: string
  /** @proto 11 */ seccompProfile?: SeccompProfile
  /** @proto 12 */ appArmorProfile?: AppArmorProfile
}

export interface Service {
  apiVersion: 'v1'
  kind: 'Service'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ServiceSpec
  /** @proto 3 @always */ status: ServiceStatus
}

export interface ServiceAccount {
  apiVersion: 'v1'
  kind: 'ServiceAccount'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @merge name */ secrets?: ListMap<ObjectReference, 'name'>
  /** @proto 3 @atomic */ imagePullSecrets?: LocalObjectReference[]
  /** @proto 4 @pointer */ automountServiceAccountToken?: boolean
}

export interface ServiceAccountTokenProjection {
  /** @proto 1 */ audience?: string
  /** @proto 2 @default 3600 @pointer */ expirationSeconds?: Int64
  /** @proto 3 @required @always */ path: string
}

export interface ServicePort {
  /** @proto 1 */ name?: string
  /** @proto 2 @default "TCP" */ protocol?: string
  /** @proto 6 @pointer */ appProtocol?: string
  /** @proto 3 @required @always */ port: Int32
  /** @proto 4 @always */ targetPort: IntOrString
  /** @proto 5 */ nodePort?: Int32
}

export interface ServiceSpec {
  /** @proto 1 @merge port */ ports?: ListMap<ServicePort, 'port' | 'protocol'>
  /** @proto 2 @atomic */ selector?: Record<string, string>
  /** @proto 3 */ clusterIP?: string
  /** @proto 18 @atomic */ clusterIPs?: string[]
  /** @proto 4 @default "ClusterIP" */ type: string
  /** @proto 5 @atomic */ externalIPs?: string[]
  /** @proto 7 @default "None" */ sessionAffinity: string
  /** @proto 8 */ loadBalancerIP?: string
  /** @proto 9 @atomic */ loadBalancerSourceRanges?: string[]
  /** @proto 10 */ externalName?: string
  /** @proto 11 */ externalTrafficPolicy?: string
  /** @proto 12 */ healthCheckNodePort?: Int32
  /** @proto 13 */ publishNotReadyAddresses?: boolean
  /** @proto 14 */ sessionAffinityConfig?: SessionAffinityConfig
  /** @proto 19 @atomic */ ipFamilies?: string[]
  /** @proto 17 @pointer */ ipFamilyPolicy?: string
  /** @proto 20 @pointer */ allocateLoadBalancerNodePorts?: boolean
  /** @proto 21 @pointer */ loadBalancerClass?: string
  /** @proto 22 @pointer */ internalTrafficPolicy?: string
  /** @proto 23 @pointer */ trafficDistribution?: string
}

export interface ServiceStatus {
  /** @proto 1 @always */ loadBalancer: LoadBalancerStatus
  /** @proto 2 @merge type */ conditions?: ListMap<Condition, 'type'>
}

export interface SessionAffinityConfig {
  /** @proto 1 */ clientIP?: ClientIPConfig
}

export interface SleepAction {
  /** @proto 1 @required @always */ seconds: Int64
}

export interface StorageOSPersistentVolumeSource {
  /** @proto 1 */ volumeName?: string
  /** @proto 2 */ volumeNamespace?: string
  /** @proto 3 */ fsType?: string
  /** @proto 4 */ readOnly?: boolean
  /** @proto 5 */ secretRef?: ObjectReference
}

export interface StorageOSVolumeSource {
  /** @proto 1 */ volumeName?: string
  /** @proto 2 */ volumeNamespace?: string
  /** @proto 3 */ fsType?: string
  /** @proto 4 */ readOnly?: boolean
  /** @proto 5 */ secretRef?: LocalObjectReference
}

export interface Sysctl {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ value: string
}

export interface TCPSocketAction {
  /** @proto 1 @required @always */ port: IntOrString
  /** @proto 2 */ host?: string
}

export interface Taint {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 */ value?: string
  /** @proto 3 @required @always */ effect: string
  /** @proto 4 @pointer */ timeAdded?: Time
}

export interface Toleration {
  /** @proto 1 */ key?: string
  /** @proto 2 */ operator?: string
  /** @proto 3 */ value?: string
  /** @proto 4 */ effect?: string
  /** @proto 5 @pointer */ tolerationSeconds?: Int64
}

export interface TopologySelectorLabelRequirement {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always null @atomic */ values: string[]
}

/** @atomic */
export interface TopologySelectorTerm {
  /** @proto 1 @atomic */ matchLabelExpressions?: TopologySelectorLabelRequirement[]
}

export interface TopologySpreadConstraint {
  /** @proto 1 @required @always */ maxSkew: Int32
  /** @proto 2 @required @always */ topologyKey: string
  /** @proto 3 @required @always */ whenUnsatisfiable: string
  /** @proto 4 */ labelSelector?: LabelSelector
  /** @proto 5 @pointer */ minDomains?: Int32
  /** @proto 6 @pointer */ nodeAffinityPolicy?: string
  /** @proto 7 @pointer */ nodeTaintsPolicy?: string
  /** @proto 8 @atomic */ matchLabelKeys?: string[]
}

/** @atomic */
export interface TypedLocalObjectReference {
  /** @proto 1 @always null */ apiGroup?: string
  /** @proto 2 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
}

export interface TypedObjectReference {
  /** @proto 1 @always null */ apiGroup?: string
  /** @proto 2 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
  /** @proto 4 @pointer */ namespace?: string
}

export interface Volume {
  /** @proto 1 @required @always */ name: string
  /** @proto 2.1 */ hostPath?: HostPathVolumeSource
  /** @proto 2.2 */ emptyDir?: EmptyDirVolumeSource
  /** @proto 2.3 */ gcePersistentDisk?: GCEPersistentDiskVolumeSource
  /** @proto 2.4 */ awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource
  /** @proto 2.5 */ gitRepo?: GitRepoVolumeSource
  /** @proto 2.6 */ secret?: SecretVolumeSource
  /** @proto 2.7 */ nfs?: NFSVolumeSource
  /** @proto 2.8 */ iscsi?: ISCSIVolumeSource
  /** @proto 2.9 */ glusterfs?: GlusterfsVolumeSource
  /** @proto 2.10 */ persistentVolumeClaim?: PersistentVolumeClaimVolumeSource
  /** @proto 2.11 */ rbd?: RBDVolumeSource
  /** @proto 2.12 */ flexVolume?: FlexVolumeSource
  /** @proto 2.13 */ cinder?: CinderVolumeSource
  /** @proto 2.14 */ cephfs?: CephFSVolumeSource
  /** @proto 2.15 */ flocker?: FlockerVolumeSource
  /** @proto 2.16 */ downwardAPI?: DownwardAPIVolumeSource
  /** @proto 2.17 */ fc?: FCVolumeSource
  /** @proto 2.18 */ azureFile?: AzureFileVolumeSource
  /** @proto 2.19 */ configMap?: ConfigMapVolumeSource
  /** @proto 2.20 */ vsphereVolume?: VsphereVirtualDiskVolumeSource
  /** @proto 2.21 */ quobyte?: QuobyteVolumeSource
  /** @proto 2.22 */ azureDisk?: AzureDiskVolumeSource
  /** @proto 2.23 */ photonPersistentDisk?: PhotonPersistentDiskVolumeSource
  /** @proto 2.26 */ projected?: ProjectedVolumeSource
  /** @proto 2.24 */ portworxVolume?: PortworxVolumeSource
  /** @proto 2.25 */ scaleIO?: ScaleIOVolumeSource
  /** @proto 2.27 */ storageos?: StorageOSVolumeSource
  /** @proto 2.28 */ csi?: CSIVolumeSource
  /** @proto 2.29 */ ephemeral?: EphemeralVolumeSource
  /** @proto 2.30 */ image?: ImageVolumeSource
}

export interface VolumeDevice {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ devicePath: string
}

export interface VolumeMount {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ readOnly?: boolean
  /** @proto 7 @pointer */ recursiveReadOnly?: string
  /** @proto 3 @required @always */ mountPath: string
  /** @proto 4 */ subPath?: string
  /** @proto 5 @pointer */ mountPropagation?: string
  /** @proto 6 */ subPathExpr?: string
}

export interface VolumeMountStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ mountPath: string
  /** @proto 3 */ readOnly?: boolean
  /** @proto 4 @pointer */ recursiveReadOnly?: string
  /** @proto 5 */ volumeStatus?: VolumeStatus
}

export interface VolumeNodeAffinity {
  /** @proto 1 */ required?: NodeSelector
}

export interface VolumeProjection {
  /** @proto 1 */ secret?: SecretProjection
  /** @proto 2 */ downwardAPI?: DownwardAPIProjection
  /** @proto 3 */ configMap?: ConfigMapProjection
  /** @proto 4 */ serviceAccountToken?: ServiceAccountTokenProjection
  /** @proto 5 */ clusterTrustBundle?: ClusterTrustBundleProjection
  /** @proto 6 */ podCertificate?: PodCertificateProjection
}

export interface VolumeResourceRequirements {
  /** @proto 1 */ limits?: Record<string, Quantity>
  /** @proto 2 */ requests?: Record<string, Quantity>
}

export interface VolumeStatus {
  /** @proto 1 */ image?: ImageVolumeStatus
}

export interface VsphereVirtualDiskVolumeSource {
  /** @proto 1 @required @always */ volumePath: string
  /** @proto 2 */ fsType?: string
  /** @proto 3 */ storagePolicyName?: string
  /** @proto 4 */ storagePolicyID?: string
}

export interface WeightedPodAffinityTerm {
  /** @proto 1 @required @always */ weight: Int32
  /** @proto 2 @required @always */ podAffinityTerm: PodAffinityTerm
}

export interface WindowsSecurityContextOptions {
  /** @proto 1 @pointer */ gmsaCredentialSpecName?: string
  /** @proto 2 @pointer */ gmsaCredentialSpec?: string
  /** @proto 3 @pointer */ runAsUserName?: string
  /** @proto 4 @pointer */ hostProcess?: boolean
}
