import type { KubeObject } from '#apimachinery/object'
import type { Strategy, WriteContext } from '#apimachinery/resource'
import { eachContainer } from './pod-containers'
import type { Container, EphemeralContainer, PodSpec } from './types'

/** A gate's fields in a part of a pod. Behind a closed gate they are dropped, unless they are in use already. */
interface Gated {
  readonly gate: string
  readonly parts: (spec: PodSpec) => readonly object[]
  readonly fields: readonly string[]
}

const self = (spec: PodSpec): readonly object[] => [spec]
const sources = ({ volumes }: PodSpec): readonly object[] => (volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])

function containers<T extends object>(pick: (container: Container | EphemeralContainer) => T | undefined): (spec: PodSpec) => T[] {
  return (spec) => {
    const found: T[] = []
    eachContainer(spec, (container) => {
      const part = pick(container)
      if (part) found.push(part)
    })
    return found
  }
}

const gated: readonly Gated[] = [
  { gate: 'GenericWorkload', parts: self, fields: ['schedulingGroup'] },
  { gate: 'HostnameOverride', parts: self, fields: ['hostnameOverride'] },
  { gate: 'PodLevelResources', parts: self, fields: ['resources'] },
  { gate: 'ClusterTrustBundleProjection', parts: sources, fields: ['clusterTrustBundle'] },
  { gate: 'PodCertificateRequest', parts: sources, fields: ['podCertificate'] },
  { gate: 'ContainerStopSignals', parts: containers(({ lifecycle }) => lifecycle), fields: ['stopSignal'] },
  { gate: 'ContainerRestartRules', parts: containers((container) => container), fields: ['restartPolicyRules'] },
  { gate: 'EnvFiles', parts: (spec) => containers(({ env }) => env)(spec).flatMap((env) => env.flatMap(({ valueFrom }) => valueFrom ?? [])), fields: ['fileKeyRef'] },
]

export function dropDisabledPodFields(spec: PodSpec, old: PodSpec | undefined, { enabled }: Pick<WriteContext, 'enabled'>): void {
  if (spec === old) return
  for (let i = 0; i < gated.length; i++) {
    const { gate, parts, fields } = gated[i]!
    if (enabled(gate)) continue
    const inUse = (part: object): boolean => fields.some((field) => field in part)
    const used = parts(spec).filter(inUse) as Record<string, unknown>[]
    if (used.length === 0 || (old && parts(old).some(inUse))) continue
    for (const part of used) for (const field of fields) delete part[field]
    if (gate === 'ContainerStopSignals') eachContainer(spec, (container) => dropLifecycleThatWas(container, used))
  }
}

/** What said nothing but how to stop says nothing now. */
function dropLifecycleThatWas(container: Container | EphemeralContainer, used: readonly object[]): void {
  const { lifecycle } = container
  if (lifecycle && used.includes(lifecycle) && Object.keys(lifecycle).length === 0) delete container.lifecycle
}

/** The same for kinds that make pods, before their own hooks compare what changed. */
export function withGatedTemplate<T extends KubeObject>(
  templateOf: (object: T) => PodSpec | undefined, hooks: Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate' | 'resetFields'>,
): Required<Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate'>> & Pick<Strategy<T>, 'resetFields'> {
  const drop = (object: T, old: T | undefined, context: WriteContext): void => {
    const spec = templateOf(object)
    if (spec) dropDisabledPodFields(spec, old && templateOf(old), context)
  }
  return {
    ...hooks,
    prepareForCreate(object, context) {
      drop(object, undefined, context)
      hooks.prepareForCreate?.(object, context)
    },
    prepareForUpdate(object, old, context) {
      drop(object, old, context)
      hooks.prepareForUpdate?.(object, old, context)
    },
  }
}
