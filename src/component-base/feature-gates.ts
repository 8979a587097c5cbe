import { OptionsError } from './options/whole'

export type Stage = 'alpha' | 'beta' | 'ga' | 'deprecated'
export interface FeatureGate {
  readonly stage: Stage
  readonly default: boolean
  /** May no longer be turned from its default. */
  readonly locked: boolean
}

const gates = (stage: Stage, value: boolean, locked: boolean, names: string): [string, FeatureGate][] =>
  names.trim().split(/\s+/).map((name) => [name, { stage, default: value, locked }])

/** Every feature gate of v1.36. */
export const knownGates: ReadonlyMap<string, FeatureGate> = new Map([
  ...gates('alpha', false, false, `
    AllowUnsafeMalformedObjectDeletion APIServingWithRoutine CBORServingAndStorage
    CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook ContainerStopSignals
    ControllerManagerReleaseLeaderElectionLockOnExit CPUManagerPolicyAlphaOptions CRIListStreaming CrossNamespaceVolumeDataSource
    CSIVolumeHealth DRAListTypeAttributes DRANodeAllocatableResources DRAResourcePoolStatus DRAWorkloadResourceClaims EventedPLEG
    GangScheduling GenericWorkload HPAScaleToZero ImageVolumeWithDigest InPlacePodVerticalScalingExclusiveCPUs
    InPlacePodVerticalScalingExclusiveMemory KubeletInUserNamespace LoggingAlphaOptions ManifestBasedAdmissionControlConfig MemoryQoS
    MutablePVNodeAffinity NativeHistograms PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodLevelResourceManagers
    PodLogsQuerySplitStreams PodsAPI QOSReserved ReduceDefaultCrashLoopBackOffDecay RuntimeClassInImageCriAPI ShardedListAndWatch
    StorageCapacityScoring StorageVersionAPI TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling
    TopologyManagerPolicyAlphaOptions UserNamespacesHostNetworkSupport VolumeLimitScaling WindowsCPUAndMemoryAffinity
    WorkloadAwarePreemption WorkloadWithJob
  `),
  ...gates('beta', false, false, `
    ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode CoordinatedLeaderElection DRADeviceTaintRules
    LocalStorageCapacityIsolationFSQuotaMonitoring MaxUnavailableStatefulSet PodCertificateRequest SchedulerAsyncAPICalls SELinuxMount
    StorageVersionMigrator
  `),
  ...gates('beta', true, false, `
    AllowParsingUserUIDFromCertAuth APIResponseCompression APIServerIdentity AuthorizePodWebsocketUpgradeCreatePermission
    ClearingNominatedNodeNameAfterBinding ComponentFlagz ComponentStatusz ConstrainedImpersonation ContainerCheckpoint
    ContainerRestartRules ContextualLogging CPUManagerPolicyBetaOptions CRDObservedGenerationTracking DeclarativeValidationBeta
    DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints
    DRAExtendedResource DRAPartitionableDevices DRAResourceClaimDeviceStatus DRAResourceClaimGranularStatusAuthorization
    DRASchedulerFilterTimeout EnvFiles ExtendWebSocketsToKubelet GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority
    HostnameOverride HPAConfigurableTolerance InPlacePodLevelResourcesVerticalScaling InPlacePodVerticalScalingInitContainers
    KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletSeparateDiskGC KubeletServiceAccountTokenForCredentialProviders
    ListFromCacheSnapshot LoggingBetaOptions MatchLabelKeysInPodTopologySpread MatchLabelKeysInPodTopologySpreadSelectorMerge
    MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs NodeDeclaredFeatures
    NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching PLEGOnDemandRelist PodDeletionCost PodLevelResources
    PodReadyToStartContainersCondition PodTopologyLabelsAdmission PortForwardWebsockets PreventStaticPodAPIReferences
    RelaxedServiceNameValidation ReloadKubeletClientCAFile ReloadKubeletServerCertificateFile RemoteRequestHeaderUID
    ResourceHealthStatus ResourceHealthStatusMessage RestartAllContainersOnContainerExits RotateKubeletServerCertificate
    SchedulerAsyncPreemption SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction SizeBasedListCostEstimate
    StaleControllerConsistencyDaemonSet StaleControllerConsistencyJob StaleControllerConsistencyReplicaSet
    StaleControllerConsistencyStatefulSet StatefulSetSemanticRevisionComparison StorageVersionHash StrictIPCIDRValidation
    StructuredAuthenticationConfigurationEgressSelector StructuredAuthenticationConfigurationJWKSMetrics
    TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions TranslateStreamCloseWebsocketRequests
    UnauthenticatedHTTP2DOSMitigation UnknownVersionInteroperabilityProxy WatchCacheInitializationPostStartHook WatchList
    WindowsGracefulNodeShutdown
  `),
  ...gates('deprecated', false, false, `
    AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests ChangeContainerStatusOnKubeletRestart
    DeclarativeValidationTakeover KMSv1 KubeletRegistrationGetOnExistsOnly WindowsHostNetwork
  `),
  ...gates('deprecated', false, true, `
    AllowOverwriteTerminationGracePeriodSeconds GitRepoVolumeDriver SeparateCacheWatchRPC
  `),
  ...gates('deprecated', true, false, `
    DisableCPUQuotaWithExclusiveCPUs KubeletPodResourcesListUseActivePods ServiceCIDRStatusFieldWiping StorageNamespaceIndex
  `),
  ...gates('deprecated', true, true, `
    AggregatedDiscoveryRemoveBetaType DisableNodeKubeProxyVersion
  `),
  ...gates('ga', true, false, `
    AllowServiceExternalIPs CPUCFSQuotaPeriod DRAPrioritizedList MutatingAdmissionPolicy
  `),
  ...gates('ga', true, true, `
    AnonymousAuthConfigurableEndpoints AnyVolumeDataSource APIServerTracing AuthorizeNodeWithSelectors AuthorizeWithSelectors
    BtreeWatchCache ConsistentListFromCache CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets
    CustomResourceFieldSelectors DeclarativeValidation DisableAllocatorDualWrite DRAAdminAccess DynamicResourceAllocation
    ExecProbeTimeout ExternalServiceAccountTokenSigner ImageMaximumGCAge ImageVolume InPlacePodVerticalScaling JobBackoffLimitPerIndex
    JobManagedBy JobPodReplacementPolicy JobSuccessPolicy KubeletCgroupDriverFromCRI KubeletFineGrainedAuthz
    KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletPSI KubeletTracing LogarithmicScaleDown
    MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator MutableCSINodeAllocatableCount NFTablesProxyMode
    NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap OrderedNamespaceDeletion PodLifecycleSleepAction
    PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodSchedulingReadiness PreferSameTrafficDistribution ProcMountType
    RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation RelaxedEnvironmentVariableValidation
    ResilientWatchCacheInitialization RetryGenerateName SchedulerQueueingHints SELinuxChangePolicy SELinuxMountReadWriteOncePod
    SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation
    ServiceAccountTokenPodNodeInfo SidecarContainers StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf
    StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog TopologyManagerPolicyOptions UserNamespacesSupport
    VolumeAttributesClass WinDSR WinOverlay
  `),
])

export interface FeatureGates {
  /** Throws for a name that is not known: a misspelled question must not read as "off". */
  enabled(name: string): boolean
}

/**
 * Settles which features are on. `AllAlpha` and `AllBeta` turn whole stages; single names win over them.
 * @param given As of `--feature-gates`: values are `true` or `false`, as text or not.
 * @throws OptionsError for unknown names, other values, and gates that are locked to the other side.
 */
export function featureGates(component: string, given: Readonly<Record<string, string | boolean>> = {}): FeatureGates {
  const on = new Map([...knownGates].map(([name, gate]) => [name, gate.default]))
  const problems: string[] = []
  const asked = Object.entries(given).flatMap(([name, text]): [string, boolean][] => {
    const value = String(text)
    if (value === 'true' || value === 'false') return [[name, value === 'true']]
    problems.push(`invalid value of feature gate ${name}=${value}: use true or false`)
    return []
  })
  for (const [name, value] of asked) {
    const stage = name === 'AllAlpha' ? 'alpha' : name === 'AllBeta' ? 'beta' : undefined
    if (stage) for (const [gate, about] of knownGates) if (about.stage === stage && !about.locked) on.set(gate, value)
  }
  for (const [name, value] of asked) {
    if (name === 'AllAlpha' || name === 'AllBeta') continue
    const gate = knownGates.get(name)
    if (!gate) problems.push(`unrecognized feature gate: ${name}`)
    else if (gate.locked && gate.default !== value) problems.push(`cannot set feature gate ${name} to ${value}, feature is locked to ${gate.default}`)
    else on.set(name, value)
  }
  if (problems.length > 0) throw new OptionsError(component, problems)
  return {
    enabled(name) {
      const value = on.get(name)
      if (value === undefined) throw new Error(`feature gate ${name} is not known`)
      return value
    },
  }
}
