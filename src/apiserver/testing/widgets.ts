import type { Unstructured } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Transport } from '#client/transport'

// A custom resource in two versions that only a webhook can convert: v1 says `hostPort: a:b`, v2 says `host` and `port`. It rests in v1.

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const string = { type: 'string' }
const fields = { v1: { hostPort: string, note: string }, v2: { host: string, port: string, note: string } }
const version = (name: 'v1' | 'v2') => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: fields[name] } } } } })

export const widgets = (name: 'v1' | 'v2'): ResourceRef<Unstructured> => ({ group: 'example.com', version: name, resource: 'widgets', kind: 'Widget', namespaced: true })

/** Resolves when both versions are served. */
export async function defineWidgets(transport: Transport, url: string, caBundle?: string): Promise<void> {
  const clientConfig = { url, ...(caBundle ? { caBundle } : {}) }
  await transport.request({
    method: 'POST', path: definitions, body: {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [version('v1'), version('v2')],
        conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
      },
    },
  })
  for (;;) {
    const { body } = await transport.request({ method: 'GET', path: `${definitions}/widgets.example.com` })
    if ((body as { status: { conditions?: { type: string; status: string }[] } }).status.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

interface Spec { hostPort?: string; host?: string; port?: string; note?: string }

function converted(object: Unstructured, apiVersion: string): Unstructured {
  const { hostPort, host, port, ...rest } = (object.spec ?? {}) as Spec
  const [first, second] = hostPort?.split(':') ?? []
  const spec = apiVersion.endsWith('/v1')
    ? { ...rest, ...(host === undefined && port === undefined ? {} : { hostPort: `${host ?? ''}:${port ?? ''}` }) }
    : { ...rest, ...(first ? { host: first } : {}), ...(second ? { port: second } : {}) }
  return { ...object, apiVersion, spec }
}

/** The answer to a ConversionReview of widgets. */
export function conversionReview(review: unknown): unknown {
  const { apiVersion, request: { uid, desiredAPIVersion, objects } } = review as { apiVersion: string; request: { uid: string; desiredAPIVersion: string; objects: Unstructured[] } }
  return { kind: 'ConversionReview', apiVersion, response: { uid, result: { status: 'Success' }, convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)) } }
}
