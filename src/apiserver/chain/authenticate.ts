import type { Authenticate } from '../authentication/union'
import type { Exchange } from '../exchange'

/** Who asks. In-process callers were introduced by whoever connected them. */
export const authenticate = (ask: Authenticate) => (exchange: Exchange): void | Promise<void> => {
  if (exchange.inProcess) return
  const user = ask(exchange.credentials, exchange.info.path, exchange)
  if (user instanceof Promise) return user.then((known) => void (exchange.user = known))
  exchange.user = user
}
