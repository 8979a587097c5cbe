import { test } from 'vitest'
import {
  configmaps, cronjobs, csidrivers, csinodes, csistoragecapacities, deviceclasses, endpoints, endpointslices, flowschemas, ingressclasses, ingresses, ipaddresses,
  limitranges, mutatingadmissionpolicies, mutatingadmissionpolicybindings, podtemplates, priorityclasses, prioritylevelconfigurations, resourceclaims,
  resourceclaimtemplates, resourcequotas, resourceslices, runtimeclasses, secrets, serviceaccounts, storageclasses, validatingadmissionpolicies,
  validatingadmissionpolicybindings, volumeattributesclasses,
} from '#api/index'
import type { KubeObject } from '#client/index'
import { serve } from './cluster'
import { type Life, live } from './lifecycle'

const served = serve()

/** Only for the type: the body and the changes belong to the kind. */
const life = <T extends KubeObject>(of: Life<T>): Life<T> => of

const container = { name: 'main', image: 'nginx:1.27' }
const ready = [{ type: 'Twin', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z', reason: 'Test', message: 'said by a test' }]
/** Of policies that no object meets. */
const noObjects = { resourceRules: [{ apiGroups: ['twins.example.com'], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['nothings'] }] }

const lives: Readonly<Record<string, Life<any>>> = {
  '[sig-api-machinery] API priority and fairness should support FlowSchema API operations': life({
    resource: flowschemas,
    body: () => ({
      spec: {
        matchingPrecedence: 10_000, priorityLevelConfiguration: { name: 'global-default' },
        rules: [{ subjects: [{ kind: 'User', user: { name: 'twin' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/twin'] }] }],
      },
    }),
    change: { spec: { matchingPrecedence: 9999 } },
    status: { conditions: ready },
  }),
  '[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations': life({
    resource: prioritylevelconfigurations,
    body: () => ({ spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } } }),
    change: { spec: { limited: { nominalConcurrencyShares: 4 } } },
    status: { conditions: ready },
  }),
  '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations': life({
    resource: mutatingadmissionpolicies,
    body: () => ({
      spec: {
        matchConstraints: noObjects, reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' } }],
      },
    }),
    change: { spec: { failurePolicy: 'Ignore' } },
  }),
  '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations': life({
    resource: mutatingadmissionpolicybindings,
    body: () => ({ spec: { policyName: 'of-nobody', matchResources: noObjects } }),
  }),
  '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations': life({
    resource: validatingadmissionpolicies,
    body: () => ({ spec: { matchConstraints: noObjects, validations: [{ expression: 'true' }] } }),
    change: { spec: { failurePolicy: 'Ignore' } },
    status: { conditions: ready },
  }),
  '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations': life({
    resource: validatingadmissionpolicybindings,
    body: () => ({ spec: { policyName: 'of-nobody', validationActions: ['Deny'], matchResources: noObjects } }),
    change: { spec: { validationActions: ['Warn'] } },
  }),
  '[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota': life({
    resource: resourcequotas, body: () => ({ spec: { hard: { configmaps: '10' } } }), change: { spec: { hard: { configmaps: '12' } } },
  }),
  '[sig-apps] CronJob should support CronJob API operations': life({
    resource: cronjobs,
    body: () => ({ spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [container] } } } } } }),
    change: { spec: { schedule: '1 0 1 1 *' } },
    status: { lastScheduleTime: '2026-01-02T03:04:05Z' },
  }),
  '[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount': life({
    resource: serviceaccounts, body: () => ({ automountServiceAccountToken: true }), change: { automountServiceAccountToken: false },
  }),
  '[sig-network] Endpoints should test the lifecycle of an Endpoint': life({
    resource: endpoints,
    body: () => ({ subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] }),
    change: { subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }] },
  }),
  '[sig-network] EndpointSlice should support creating EndpointSlice API operations': life({
    resource: endpointslices,
    body: () => ({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.24'], conditions: { ready: true } }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
    change: { endpoints: [{ addresses: ['10.0.0.25'], conditions: { ready: true } }] },
  }),
  '[sig-network] Ingress API should support creating Ingress API operations': life({
    resource: ingresses,
    body: () => ({ spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } }),
    change: { spec: { defaultBackend: { service: { name: 'other', port: { number: 80 } } } } },
    status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
  }),
  '[sig-network] IngressClass API should support creating IngressClass API operations': life({
    resource: ingressclasses, body: () => ({ spec: { controller: 'example.com/controller' } }), change: { spec: { parameters: { apiGroup: 'k8s.example.com', kind: 'Parameters', name: 'all', scope: 'Cluster' } } },
  }),
  '[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations': life({
    resource: ipaddresses,
    names: ['10.99.0.1', '10.99.0.2', '10.99.0.3'],
    // The controller that repairs addresses leaves alone what others manage.
    metadata: { labels: { 'ipaddress.kubernetes.io/managed-by': 'twin' } },
    body: () => ({ spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'of-nobody' } } }),
  }),
  '[sig-node] ConfigMap should run through a ConfigMap lifecycle': life({ resource: configmaps, body: () => ({ data: { a: '1' } }), change: { data: { a: '2', b: '3' } } }),
  '[sig-node] PodTemplates should run the lifecycle of PodTemplates': life({
    resource: podtemplates, body: () => ({ template: { spec: { containers: [container] } } }), change: { template: { metadata: { labels: { changed: 'yes' } } } },
  }),
  '[sig-node] RuntimeClass should support RuntimeClasses API operations': life({ resource: runtimeclasses, body: () => ({ handler: 'twin' }), change: { scheduling: { nodeSelector: { a: 'b' } } } }),
  '[sig-node] Secrets should patch a secret': life({ resource: secrets, body: () => ({ type: 'Opaque', data: { a: 'MQ==' } }), change: { data: { a: 'Mg==' } } }),
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass': life({
    resource: deviceclasses, body: () => ({ spec: { selectors: [{ cel: { expression: 'device.driver == "twin.example.com"' } }] } }), change: { spec: { selectors: [{ cel: { expression: 'true' } }] } },
  }),
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim': life({
    resource: resourceclaims, body: () => ({ spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'twin' } }] } } }),
    statusAlone: true,
    status: { allocation: { devices: { results: [{ request: 'one', driver: 'twin.example.com', pool: 'pool', device: 'device' }] } } },
  }),
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate': life({
    resource: resourceclaimtemplates, body: () => ({ spec: { spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'twin' } }] } } } }),
  }),
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice': life({
    resource: resourceslices,
    body: (name) => ({ spec: { driver: 'twin.example.com', allNodes: true, pool: { name, generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'device' }] } }),
    change: { spec: { devices: [{ name: 'device' }, { name: 'another' }] } },
  }),
  '[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection': life({
    resource: limitranges, body: () => ({ spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }), change: { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } },
  }),
  '[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods': life({
    resource: priorityclasses, body: () => ({ value: 1000 }), change: { description: 'changed' },
  }),
  '[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver': life({
    resource: csidrivers, body: () => ({ spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } }), change: { spec: { podInfoOnMount: true } },
  }),
  '[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode': life({
    resource: csinodes, body: (name) => ({ spec: { drivers: [{ name: 'twin.example.com', nodeID: name, topologyKeys: ['zone'] }] } }),
    change: { metadata: { annotations: { patched: 'yes' } } },
  }),
  '[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations': life({
    resource: csistoragecapacities, body: () => ({ storageClassName: 'twin', capacity: '1Gi' }), change: { capacity: '2Gi' },
  }),
  '[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass': life({
    resource: storageclasses, body: () => ({ provisioner: 'twin.example.com', volumeBindingMode: 'WaitForFirstConsumer' }), change: { allowVolumeExpansion: true },
  }),
  '[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass': life({
    resource: volumeattributesclasses, body: () => ({ driverName: 'twin.example.com', parameters: { iops: '100' } }),
  }),
}

for (const [title, of] of Object.entries(lives)) test(title, () => live(served, of))
