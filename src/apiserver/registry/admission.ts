import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import type { AdmissionPlugin, AdmissionRequest, Operation } from '../admission/plugin'
import type { WriteRequest } from './write'

/** The plugins, in order, and what they are asked. Nothing is awaited unless a plugin gives a promise. */
export interface Admission {
  admit(request: AdmissionRequest): void | Promise<void>
  validate(request: AdmissionRequest): void | Promise<void>
}

export function createAdmission(plugins: readonly AdmissionPlugin[]): Admission {
  const admit = chain(plugins, 'admit')
  // What webhooks and policies changed is for the others to see, once.
  const again = (request: AdmissionRequest): void | Promise<void> => {
    if (!request.again) return
    request.round = 1
    return admit(request)
  }
  return {
    admit(request) {
      const waiting = admit(request)
      return waiting ? waiting.then(() => again(request)) : again(request)
    },
    validate: chain(plugins, 'validate'),
  }
}

function chain(plugins: readonly AdmissionPlugin[], step: 'admit' | 'validate') {
  /** Who is asked about what. Found out at the first such request: whoever embeds the server may fill the list until it starts. */
  const known = new WeakMap<Resource, Map<string, readonly AdmissionPlugin[]>>()
  const askedAbout = ({ operation, resource, subresource }: AdmissionRequest): readonly AdmissionPlugin[] => {
    let byEndpoint = known.get(resource)
    if (!byEndpoint) known.set(resource, (byEndpoint = new Map()))
    const endpoint = subresource === '' ? operation : `${operation}/${subresource}`
    let asked = byEndpoint.get(endpoint)
    if (!asked) byEndpoint.set(endpoint, (asked = plugins.filter((plugin) => plugin[step] && plugin.handles(operation, resource, subresource))))
    return asked
  }
  const from = (start: number, asked: readonly AdmissionPlugin[], request: AdmissionRequest): void | Promise<void> => {
    for (let i = start; i < asked.length; i++) {
      const waiting = asked[i]![step]!(request)
      if (waiting) return waiting.then(() => from(i + 1, asked, request))
    }
  }
  return (request: AdmissionRequest) => from(0, askedAbout(request), request)
}

export function admissionRequest(write: WriteRequest, operation: Operation, object: KubeObject | undefined, old: KubeObject | undefined): AdmissionRequest {
  return {
    operation, object, old,
    resource: write.kind.resource,
    kind: write.kind,
    subresource: write.subresource,
    namespace: write.namespace,
    name: write.name || (object?.metadata.name ?? ''),
    options: write.options,
    dryRun: write.dryRun,
    enabled: write.enabled, round: 0, again: false,
    user: write.user,
    warn: (text) => write.warn(text),
    annotate: (key, value) => write.annotate(key, value),
  }
}

/** Asks about what is not stored itself: connections, bindings, evictions, reviews. */
export async function admitOnly({ admission }: { readonly admission: Admission }, write: WriteRequest, operation: Operation, object: KubeObject): Promise<void> {
  const question = admissionRequest(write, operation, object, undefined)
  await admission.admit(question)
  await admission.validate(question)
}
