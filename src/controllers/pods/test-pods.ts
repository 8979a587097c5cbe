import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import type { TestBed } from '#controller-runtime/test-bed'

/** What a kubelet would do, for tests: every pod that matches runs and is ready (or is not, or ends). */
export async function runPods(bed: TestBed, { ready = true, phase = 'Running', where = () => true }: { ready?: boolean; phase?: string; where?: (pod: Pod) => boolean } = {}): Promise<void> {
  const lastTransitionTime = new Date(bed.clock.now()).toISOString()
  for (const pod of bed.api.all(pods)) {
    if (!where(pod) || pod.metadata.deletionTimestamp) continue
    const status = { ...pod.status, phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }] }
    bed.api.seed(pods, { ...pod, status })
  }
  await bed.idle()
}
