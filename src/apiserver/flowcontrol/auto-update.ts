import type { KubeObject } from '#apimachinery/object'

export type WithSpec = KubeObject & { readonly spec: unknown }

/** Says whose a spec is: `true` ours, which follows each version; `false` the administrator's. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec'

/**
 * What an object that Navarch brings along should be instead; undefined where it is well. A mandatory one is always ours; any other as long
 * as its annotation says so, and where it says nothing, as long as nobody has changed it.
 */
export function reviseIfNeeded<T extends WithSpec>(current: T, wanted: T, mandatory: boolean, same: (a: unknown, b: unknown) => boolean): T | undefined {
  const said = current.metadata.annotations?.[autoUpdateAnnotation]
  const ours = mandatory || (said === 'true' || said === 'false' ? said === 'true' : current.metadata.generation === 1)
  const annotation = String(ours)
  const specs = ours && !same(wanted.spec, current.spec)
  if (!specs && said === annotation) return undefined
  return {
    ...structuredClone(current),
    ...(specs ? { spec: structuredClone(wanted.spec) } : {}),
    metadata: { ...structuredClone(current.metadata), annotations: { ...current.metadata.annotations, [autoUpdateAnnotation]: annotation } },
  }
}
