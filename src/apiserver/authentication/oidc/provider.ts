import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import { httpsGet } from './https-get'
import { keySet, type KeySet, type KeySetEvents } from './key-set'

export interface ProviderOptions {
  readonly issuer: string
  /** Where the discovery document is, when it is not where the issuer's URL says. */
  readonly discoveryUrl?: string | undefined
  readonly ca?: string | undefined
}

export interface ProviderDeps {
  readonly clock: Clock
  readonly log: Log
  readonly keyEvents: KeySetEvents
}

/** An issuer, once its discovery document was read: tried again every ten seconds until then. */
export interface Provider extends Disposable {
  /** Undefined: not reached yet. */
  readonly keys: KeySet | undefined
  /** Resolves when the issuer was reached. */
  readonly initialized: Promise<void>
  /** Why it was not reached, the last time. */
  readonly problem: string
}

const again = 10_000
const wellKnown = '/.well-known/openid-configuration'

export function openProvider(options: ProviderOptions, { clock, log, keyEvents }: ProviderDeps): Provider {
  const { issuer, ca } = options
  const stop = new AbortController()
  let keys: KeySet | undefined
  let problem = `oidc: authenticator for issuer ${JSON.stringify(issuer)} is not initialized`
  let settle!: () => void
  const initialized = new Promise<void>((resolve) => (settle = resolve))

  const attempt = async (): Promise<void> => {
    try {
      const uri = await discoverKeys(options, stop.signal)
      keys = keySet(() => httpsGet(uri, { ca }), keyEvents)
      settle()
    } catch (error) {
      if (stop.signal.aborted) return
      problem = messageOf(error)
      log.error('oidc authenticator: initializing plugin', { issuer, error })
      timer = clock.after(again, () => void attempt())
    }
  }
  let timer: Disposable | undefined
  void attempt()

  return {
    get keys() {
      return keys
    },
    initialized,
    get problem() {
      return problem
    },
    [Symbol.dispose]() {
      stop.abort(new Error('the issuer is no longer asked'))
      timer?.[Symbol.dispose]()
    },
  }
}

/** Where the issuer's keys are. Throws for a document of somebody else. */
async function discoverKeys({ issuer, discoveryUrl, ca }: ProviderOptions, signal: AbortSignal): Promise<string> {
  const url = discoveryUrl || issuer.replace(/\/$/, '') + wellKnown
  const { code, text, contentType } = await httpsGet(url, { ca, signal })
  if (code !== 200) throw new Error(`${code}: ${text.slice(0, 1024)}`)
  let document: { issuer?: unknown; jwks_uri?: unknown }
  try {
    document = JSON.parse(text) as typeof document
  } catch (error) {
    throw new Error(`oidc: failed to decode provider discovery object: expected Content-Type = application/json, got ${JSON.stringify(contentType)}: ${messageOf(error)}`, { cause: error })
  }
  if (document.issuer !== issuer) throw new Error(`oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(document.issuer ?? '')}`)
  if (typeof document.jwks_uri !== 'string' || document.jwks_uri === '') throw new Error('provider did not return JWKS URL')
  return document.jwks_uri
}
