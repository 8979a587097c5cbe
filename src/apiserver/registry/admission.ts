import type { KubeObject } from '#apimachinery/object'
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
  // Read at the first request: whoever embeds the server may fill the list until it starts.
  let known: AdmissionPlugin[] | undefined
  const from = (start: number, request: AdmissionRequest): void | Promise<void> => {
    const asked = (known ??= plugins.filter((plugin) => plugin[step]))
    for (let i = start; i < asked.length; i++) {
      const plugin = asked[i]!
      if (!plugin.handles(request.operation, request.resource, request.subresource)) continue
      const waiting = plugin[step]!(request)
      if (waiting) return waiting.then(() => from(i + 1, request))
    }
  }
  return (request: AdmissionRequest) => from(0, request)
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
