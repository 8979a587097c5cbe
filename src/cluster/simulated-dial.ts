import { ApiError } from '#apimachinery/api-error'
import type { Dial } from '#apiserver/rest/core/kubelet-proxy'

/** Simulated nodes and pods have addresses in words only: nothing may ever be sent there. */
export const simulatedDial: Dial = async ({ to }) => {
  const what = to.sort === 'kubelet' ? `node ${to.node.metadata.name} is simulated: its pods have no processes, so there are no logs` : `${to.host} is the address of a simulated pod: nobody listens there`
  throw new ApiError(501, '', `${what}. Run a real node for that: navarch up without --sim`)
}
