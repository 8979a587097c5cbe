import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import { createKeyedSerial } from '#base/keyed-serial'
import type { Client } from '#client/client'
import type { Log } from '#component-base/log'
import { hashAnnotation } from './read-static-pods'

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Shows static pods in the API: one mirror each, made anew when somebody deletes it, taken away with its pod. */
export interface MirrorPods {
  /** A static pod came, or is gone. */
  setStatic(pod: Pod | undefined, old: Pod | undefined): void
  /** A mirror pod of this node came, changed or is gone. */
  observe(mirror: Pod | undefined, old: Pod | undefined): void
  /** What stands in the API for a static pod. */
  of(pod: Pod): Pod | undefined
  /** Every static pod is known: mirrors of others may go. */
  sourceReady(): void
}

export interface MirrorPodsDeps {
  client: Client
  /** The own Node's uid, once it is registered. */
  nodeUid(): string | undefined
  /** The mirror of a static pod is there, or another one. */
  changed(pod: Pod): void
  clock: Clock
  log: Log
  signal: AbortSignal
}

const nameOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace ?? ''}/${name}`
const hashOf = ({ metadata }: Pod): string | undefined => metadata.annotations?.[hashAnnotation]

export function createMirrorPods(nodeName: string, { client, nodeUid, changed, clock, log, signal }: MirrorPodsDeps): MirrorPods {
  const statics = new Map<string, Pod>()
  const mirrors = new Map<string, Pod>()
  const serial = createKeyedSerial()
  let complete = false

  const isMirrorOf = (mirror: Pod | undefined, pod: Pod): mirror is Pod => mirror?.metadata.annotations?.[mirrorAnnotation] === hashOf(pod)

  async function bring(key: string): Promise<void> {
    const pod = statics.get(key)
    const mirror = mirrors.get(key)
    const [namespace, name] = key.split('/') as [string, string]
    if (mirror && (pod ? !isMirrorOf(mirror, pod) || mirror.metadata.deletionTimestamp : complete)) {
      await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid: mirror.metadata.uid! }, signal })
      // Its end comes by the watch, and back here.
      return
    }
    if (!pod || mirror) return
    const uid = nodeUid()
    if (!uid) throw new Error('the node is not registered yet')
    const { uid: _own, ...metadata } = pod.metadata
    await client.create(pods, {
      ...pod,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [mirrorAnnotation]: hashOf(pod)! }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true }] },
    }, { signal })
  }

  const sync = (key: string): void =>
    void serial.run(key, async () => {
      for (let failures = 0; !signal.aborted; ) {
        try {
          return await bring(key)
        } catch (error) {
          if (signal.aborted || isNotFound(error) || isConflict(error) || isAlreadyExists(error)) return
          log.warn('mirror pod not brought up to date, will try again', { pod: key, error })
          await clock.sleep(waitAfter(failures++, { initial: 500, max: 10_000, jitter: 0.2 }), signal).catch((reason: unknown) => log.debug('no further try', { reason }))
        }
      }
    })

  return {
    setStatic(pod, old) {
      const key = nameOf((pod ?? old)!)
      if (pod) statics.set(key, pod)
      // Of a file that changed the new pod may have come already.
      else if (statics.get(key) === old) statics.delete(key)
      sync(key)
    },
    observe(mirror, old) {
      const key = nameOf((mirror ?? old)!)
      if (mirror) mirrors.set(key, mirror)
      else mirrors.delete(key)
      const pod = statics.get(key)
      if (pod && isMirrorOf(mirror, pod) && mirror.metadata.uid !== old?.metadata.uid) changed(pod)
      sync(key)
    },
    of(pod) {
      const mirror = mirrors.get(nameOf(pod))
      return isMirrorOf(mirror, pod) && !mirror.metadata.deletionTimestamp ? mirror : undefined
    },
    sourceReady() {
      complete = true
      for (const key of mirrors.keys()) sync(key)
    },
  }
}
