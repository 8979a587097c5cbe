import type { ClientCas } from '../listener/listener'

/** Whose certificates are believed, PEM. They may be replaced while the server runs; `current` is all of them. */
export interface Authorities extends ClientCas {
  /** Those of clients; undefined: client certificates are nobody's. */
  clients(): string | undefined
  /** Those of front proxies; undefined: nobody speaks for others. */
  frontProxies(): string | undefined
}
