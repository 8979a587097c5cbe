// Every built-in kind. The API server serves what is listed here; the order is the one of discovery.
import { bindings } from './core/v1/binding'
import { componentstatuses } from './core/v1/component-status'
import { configmaps } from './core/v1/config-map'
import { endpoints } from './core/v1/endpoints'
import { events } from './core/v1/event'
import { limitranges } from './core/v1/limit-range'
import { namespaces } from './core/v1/namespace'
import { nodes } from './core/v1/node'
import { persistentvolumeclaims } from './core/v1/persistent-volume-claim'
import { persistentvolumes } from './core/v1/persistent-volume'
import { pods } from './core/v1/pod'
import { podtemplates } from './core/v1/pod-template'
import { replicationcontrollers } from './core/v1/replication-controller'
import { resourcequotas } from './core/v1/resource-quota'
import { secrets } from './core/v1/secret'
import { serviceaccounts } from './core/v1/service-account'
import { services } from './core/v1/service'
import { apiservices } from './apiregistration/v1/api-service'
import { controllerrevisions } from './apps/v1/controller-revision'
import { daemonsets } from './apps/v1/daemon-set'
import { deployments } from './apps/v1/deployment'
import { replicasets } from './apps/v1/replica-set'
import { statefulsets } from './apps/v1/stateful-set'
import { selfsubjectreviews } from './authentication/v1/self-subject-review'
import { tokenreviews } from './authentication/v1/token-review'
import { localsubjectaccessreviews } from './authorization/v1/local-subject-access-review'
import { selfsubjectaccessreviews } from './authorization/v1/self-subject-access-review'
import { selfsubjectrulesreviews } from './authorization/v1/self-subject-rules-review'
import { subjectaccessreviews } from './authorization/v1/subject-access-review'
import { horizontalpodautoscalers } from './autoscaling/v2/horizontal-pod-autoscaler'
import { cronjobs } from './batch/v1/cron-job'
import { jobs } from './batch/v1/job'
import { certificatesigningrequests } from './certificates/v1/certificate-signing-request'
import { ingressclasses } from './networking/v1/ingress-class'
import { ingresses } from './networking/v1/ingress'
import { ipaddresses } from './networking/v1/ip-address'
import { networkpolicies } from './networking/v1/network-policy'
import { servicecidrs } from './networking/v1/service-cidr'
import { poddisruptionbudgets } from './policy/v1/pod-disruption-budget'
import { clusterrolebindings } from './rbac/v1/cluster-role-binding'
import { clusterroles } from './rbac/v1/cluster-role'
import { rolebindings } from './rbac/v1/role-binding'
import { roles } from './rbac/v1/role'
import { csidrivers } from './storage/v1/csi-driver'
import { csinodes } from './storage/v1/csi-node'
import { csistoragecapacities } from './storage/v1/csi-storage-capacity'
import { storageclasses } from './storage/v1/storage-class'
import { volumeattachments } from './storage/v1/volume-attachment'
import { volumeattributesclasses } from './storage/v1/volume-attributes-class'
import { mutatingadmissionpolicies } from './admissionregistration/v1/mutating-admission-policy'
import { mutatingadmissionpolicybindings } from './admissionregistration/v1/mutating-admission-policy-binding'
import { mutatingwebhookconfigurations } from './admissionregistration/v1/mutating-webhook-configuration'
import { validatingadmissionpolicies } from './admissionregistration/v1/validating-admission-policy'
import { validatingadmissionpolicybindings } from './admissionregistration/v1/validating-admission-policy-binding'
import { validatingwebhookconfigurations } from './admissionregistration/v1/validating-webhook-configuration'
import { customresourcedefinitions } from './apiextensions/v1/custom-resource-definition'
import { priorityclasses } from './scheduling/v1/priority-class'
import { leases } from './coordination/v1/lease'
import { runtimeclasses } from './node/v1/runtime-class'
import { endpointslices } from './discovery/v1/endpoint-slice'
import { deviceclasses } from './resource/v1/device-class'
import { resourceclaims } from './resource/v1/resource-claim'
import { resourceclaimtemplates } from './resource/v1/resource-claim-template'
import { resourceslices } from './resource/v1/resource-slice'
import { flowschemas } from './flowcontrol/v1/flow-schema'
import { prioritylevelconfigurations } from './flowcontrol/v1/priority-level-configuration'
import { storageversionmigrations } from './storagemigration/v1beta1/storage-version-migration'
import { storageversions } from './apiserverinternal/v1alpha1/storage-version'
import { leasecandidates } from './coordination/v1beta1/lease-candidate'
import { clustertrustbundles } from './certificates/v1beta1/cluster-trust-bundle'
import { devicetaintrules } from './resource/v1alpha3/device-taint-rule'
import { podgroups } from './scheduling/v1alpha2/pod-group'
import { workloads } from './scheduling/v1alpha2/workload'
import { resourcepoolstatusrequests } from './resource/v1alpha3/resource-pool-status-request'
import type { Resource } from '#apimachinery/resource'

export const builtin: readonly Resource<any>[] = [
  bindings,
  componentstatuses,
  configmaps,
  endpoints,
  events,
  limitranges,
  namespaces,
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  pods,
  podtemplates,
  replicationcontrollers,
  resourcequotas,
  secrets,
  serviceaccounts,
  services,
  apiservices,
  controllerrevisions,
  daemonsets,
  deployments,
  replicasets,
  statefulsets,
  selfsubjectreviews,
  tokenreviews,
  localsubjectaccessreviews,
  selfsubjectaccessreviews,
  selfsubjectrulesreviews,
  subjectaccessreviews,
  horizontalpodautoscalers,
  cronjobs,
  jobs,
  certificatesigningrequests,
  ingressclasses,
  ingresses,
  ipaddresses,
  networkpolicies,
  servicecidrs,
  poddisruptionbudgets,
  clusterrolebindings,
  clusterroles,
  rolebindings,
  roles,
  csidrivers,
  csinodes,
  csistoragecapacities,
  storageclasses,
  volumeattachments,
  volumeattributesclasses,
  mutatingadmissionpolicies,
  mutatingadmissionpolicybindings,
  mutatingwebhookconfigurations,
  validatingadmissionpolicies,
  validatingadmissionpolicybindings,
  validatingwebhookconfigurations,
  customresourcedefinitions,
  priorityclasses,
  leases,
  runtimeclasses,
  endpointslices,
  deviceclasses,
  resourceclaims,
  resourceclaimtemplates,
  resourceslices,
  flowschemas,
  prioritylevelconfigurations,
  storageversionmigrations,
  storageversions,
  leasecandidates,
  clustertrustbundles,
  devicetaintrules,
  resourcepoolstatusrequests,
  podgroups,
  workloads,
]
