// The door for users of the package, `navarch/client`: a client of any Kubernetes API server, informers, events, errors.
export type { ApplyOptions, Client, DeleteOptions, GetOptions, ListOptions, PatchOptions, WatchOptions, WriteOptions } from './client'
export { createClient } from './create-client'
export { createEventRecorder, type EventRecorder } from './events'
export { createHttpTransport, type HttpTransportOptions } from './http-transport'
export type { Informer, InformerOptions, Informers } from './informer'
export { createInformers } from './informers'
export { type Connection, connectionOf, inClusterConnection, type Kubeconfig, loadKubeconfig, readKubeconfig } from './kubeconfig'
export type { Answer, Call, Transport, WatchEvent } from './transport'
export {
  ApiError, isAlreadyExists, isConflict, isForbidden, isGone, isInvalid, isNotFound, isTooManyRequests, isTransient,
} from '#apimachinery/api-error'
export { type Input, keyOf, type KubeObject, type NamespacedName, type ObjectKey, type ObjectList, type Unstructured } from '#apimachinery/object'
export type { ResourceRef } from '#apimachinery/resource'
export { type Clock, systemClock } from '#base/clock'
export { type Log, silent } from '#component-base/log'
