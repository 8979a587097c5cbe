import type { Input, KubeObject } from '#apimachinery/object'
import type { Made, ResourceRef } from '#apimachinery/resource'
import { builtin } from '#api/builtin'
import type { ApplyOptions, Client } from '#client/client'

/** A client with what is convenient in tests. */
export interface TestClient extends Client {
  apply<T extends KubeObject>(resource: ResourceRef<T>, object: Input<T>, options: ApplyOptions): Promise<T>
  /** Server-side apply of a built-in kind: apiVersion and kind say which. In namespace `default`, as `test`, unless said otherwise. */
  apply<T extends KubeObject>(object: Made<T>, options?: Partial<ApplyOptions>): Promise<T>
}

export function createTestClient(client: Client): TestClient {
  return {
    ...client,
    apply<T extends KubeObject>(...given: [ResourceRef<T>, Input<T>, ApplyOptions] | [Made<T>, Partial<ApplyOptions>?]): Promise<T> {
      if (given.length === 3) return client.apply(...given)
      const object = given[0] as Input<KubeObject>
      const resource = resourceOf(object) as ResourceRef<T>
      const namespace = resource.namespaced ? (object.metadata?.namespace ?? 'default') : undefined
      const whole = { ...object, metadata: { ...object.metadata, ...(namespace ? { namespace } : {}) } } as Input<T>
      return client.apply(resource, whole, { fieldManager: 'test', ...given[1] })
    },
  }
}

function resourceOf({ apiVersion, kind }: Input<KubeObject>): ResourceRef {
  const found = builtin.find((resource) => resource.kind === kind && apiVersion !== undefined && apiVersion in resource.versions)
  if (!found) throw new Error(`${apiVersion} ${kind} is not a built-in kind: give its resource first, client.apply(resource, object, { fieldManager })`)
  // The path is of the version that the object is written in.
  return { ...found, version: apiVersion!.slice(apiVersion!.indexOf('/') + 1) }
}
