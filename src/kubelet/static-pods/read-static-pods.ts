import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { FieldErrors } from '#apimachinery/field-errors'
import type { WriteContext } from '#apimachinery/resource'
import { normalize } from '#apimachinery/schema/normalize'
import { deepFreeze } from '#base/clone'
import { messageOf } from '#base/error-message'

export const hashAnnotation = 'kubernetes.io/config.hash'
const sourceAnnotation = 'kubernetes.io/config.source'
const seenAnnotation = 'kubernetes.io/config.seen'

/** The pods that a directory's files ask for, in order of their file names. A file that is no pod is told and left out. */
export async function readStaticPods(directory: string, nodeName: string, seen: string, problem: (file: string, why: string) => void): Promise<Pod[]> {
  const found = new Map<string, Pod>()
  for (const entry of (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // Editors and configuration tools write beside the file first.
    if (entry.name.startsWith('.') || entry.isDirectory()) continue
    const file = join(directory, entry.name)
    try {
      const pod = await staticPod(await readFile(file, 'utf8'), file, nodeName, seen)
      const key = `${pod.metadata.namespace}/${pod.metadata.name}`
      if (found.has(key)) problem(file, `pod ${key} is in another file already`)
      else found.set(key, pod)
    } catch (error) {
      problem(file, messageOf(error))
    }
  }
  return [...found.values()]
}

/** As the API server would have it: defaults filled in, judged, bound to this node. Throws with what is wrong. */
export async function staticPod(text: string, file: string, nodeName: string, seen: string): Promise<Pod> {
  const pod = parse(text) as Pod | null
  if (typeof pod !== 'object' || pod === null || pod.kind !== 'Pod' || pod.apiVersion !== 'v1') throw new Error('it must hold one object with apiVersion v1 and kind Pod')
  if (!pod.metadata?.name) throw new Error('metadata.name: Required value')
  if (!pod.spec) throw new Error('spec: Required value')
  const { metadata, spec } = pod
  // The same words elsewhere are another pod.
  const uid = metadata.uid ?? createHash('sha256').update(`${text}\nhost:${nodeName}\nfile:${file}`).digest('hex').slice(0, 32)
  const whole = {
    ...pod,
    metadata: {
      ...metadata, uid, name: `${metadata.name}-${nodeName}`, namespace: metadata.namespace ?? 'default',
      annotations: { ...metadata.annotations, [hashAnnotation]: uid, [seenAnnotation]: seen, [sourceAnnotation]: 'file' },
    },
    // It stays whatever is wrong with the node.
    spec: { ...spec, nodeName, tolerations: [...(spec.tolerations ?? []).filter(({ operator, effect, key }) => !(operator === 'Exists' && effect === 'NoExecute' && !key)), { operator: 'Exists', effect: 'NoExecute' }] },
    status: { phase: 'Pending' },
  } as Pod
  normalize(await pods.versions['v1']!.schema(), whole, { defaults: true })
  pods.defaults?.(whole)
  const errors = new FieldErrors()
  const request: WriteContext = { now: seen, enabled: () => true, apiVersion: 'v1', user: { name: `system:node:${nodeName}`, uid: '', groups: ['system:nodes'] } }
  pods.validate?.(whole, errors, request)
  pods.validateCreate?.(whole, errors, request)
  if (errors.all.length > 0) throw new Error(errors.all.map(({ field, message }) => `${field}: ${message}`).join('; '))
  return deepFreeze(whole)
}
