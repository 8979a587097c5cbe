import { knownGates, type FeatureGates } from '#component-base/feature-gates'

/** Gates whose other side than the default is built. A test holds the list against what is asked in the sources. */
export const honouredGates: ReadonlySet<string> = new Set([
  'APIServerIdentity', 'AllowParsingUserUIDFromCertAuth', 'ClusterTrustBundle', 'ClusterTrustBundleProjection', 'ComponentFlagz', 'ComponentStatusz', 'ConstrainedImpersonation', 'ContainerRestartRules', 'ContainerStopSignals', 'DRAWorkloadResourceClaims', 'TopologyAwareWorkloadScheduling', 'WorkloadAwarePreemption',
  'CoordinatedLeaderElection', 'CrossNamespaceVolumeDataSource', 'DRAConsumableCapacity', 'DRADeviceBindingConditions', 'DRADeviceTaints', 'DRAListTypeAttributes', 'DRANodeAllocatableResources', 'DRAPartitionableDevices',
  'DRAResourceClaimGranularStatusAuthorization', 'EnvFiles', 'GenericWorkload', 'HPAConfigurableTolerance', 'HPAScaleToZero', 'HostnameOverride',
  'MatchLabelKeysInPodTopologySpread', 'MatchLabelKeysInPodTopologySpreadSelectorMerge', 'MaxUnavailableStatefulSet', 'MutablePodResourcesForSuspendedJobs', 'MutableSchedulingDirectivesForSuspendedJobs', 'NodeDeclaredFeatures', 'PodCertificateRequest',
  'PodLevelResources', 'ServiceCIDRStatusFieldWiping', 'StorageVersionAPI', 'StorageVersionMigrator', 'TokenRequestServiceAccountUIDValidation', 'UnknownVersionInteroperabilityProxy', 'VolumeLimitScaling', 'WorkloadWithJob',
])

/** Gates that were turned from their default and behave as by default all the same. */
export const turnedInVain = ({ enabled }: FeatureGates): string[] =>
  [...knownGates].filter(([name, gate]) => enabled(name) !== gate.default && !honouredGates.has(name)).map(([name]) => name)
