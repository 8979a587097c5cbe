import type { AdmissionRequest } from '../plugin'

/** The server's own user: what it writes while it starts cannot wait for what is read from it. */
const itself = 'system:apiserver'

/** Does it at once where what it needs is in memory, or when it is: nobody slips through while the server starts. */
export function whenReady(ready: Promise<void> | undefined, request: AdmissionRequest, dispatch: (request: AdmissionRequest) => void | Promise<void>): void | Promise<void> {
  if (!ready) return dispatch(request)
  if (request.user.name !== itself) return ready.then(() => dispatch(request))
}
