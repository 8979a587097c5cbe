import type { Exchange } from '../exchange'
import type { UserInfo, Credentials } from '../authentication/authenticator'

export type Authenticate = (credentials: Credentials) => UserInfo | Promise<UserInfo>

/** Who asks. In-process callers were introduced by whoever connected them. */
export const authenticate = (ask: Authenticate) => (exchange: Exchange): void | Promise<void> => {
  if (exchange.inProcess) return
  const user = ask(exchange.credentials)
  if (user instanceof Promise) return user.then((known) => void (exchange.user = known))
  exchange.user = user
}
