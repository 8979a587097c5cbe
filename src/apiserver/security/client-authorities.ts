import { certificatesFromPem } from '#component-base/certs/certificate'
import type { Log } from '#component-base/log'
import type { Authenticator } from '../authentication/authenticator'
import { readFlagFile } from './flag-file'
import { watchFile } from './watched-file'

/** Authorities that may be replaced while the server runs. */
export interface ClientAuthorities extends Disposable {
  /** PEM. */
  readonly current: string
  readonly authenticator: Authenticator
}

export interface ClientAuthoritiesOptions {
  /** Which names the file: `client-ca-file`. */
  readonly flag: string
  /** `''`: they do not change. */
  readonly file: string
  /** PEM that counts where no file is given. */
  readonly otherwise: string
}

/**
 * An authenticator over authorities of a file, made anew when the file changes. A file that holds nothing readable leaves the
 * authorities as they were.
 */
export function clientAuthorities({ flag, file, otherwise }: ClientAuthoritiesOptions, make: (pem: string) => Authenticator, log: Log, changed: () => void): ClientAuthorities {
  let current = file === '' ? otherwise : readFlagFile(flag, file)
  let authenticator = make(current)
  const watching = file === '' ? undefined : watchFile(file, current, {
    failed: (error) => log.error('could not read client authorities again', { file, error }),
    changed(content) {
      certificatesFromPem(content)
      current = content
      authenticator = make(content)
      log.info('client authorities were replaced', { file })
      changed()
    },
  })
  return {
    get current() {
      return current
    },
    authenticator: { authenticate: (credentials, remarks) => authenticator.authenticate(credentials, remarks) },
    [Symbol.dispose]: () => watching?.[Symbol.dispose](),
  }
}
