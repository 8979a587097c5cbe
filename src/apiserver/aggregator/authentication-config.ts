import { configmaps } from '#api/core/v1/config-map'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import { certificatesFromPem, certificateToPem } from '#component-base/certs/certificate'
import type { Log } from '#component-base/log'
import type { Authorities } from '../authentication/authorities'
import type { RequestHeaderNames } from '../authentication/request-header'
import { createRefresher } from './refresher'

/** How users are known to this server: what extension API servers need to know them the same way. */
export interface AuthenticationFacts {
  readonly authorities: Pick<Authorities, 'clients' | 'frontProxies' | 'changed'>
  /** Whom front proxies are to be, and the names under which they speak. */
  readonly allowedNames: readonly string[]
  readonly headers: RequestHeaderNames
}

const namespace = 'kube-system'
const name = 'extension-apiserver-authentication'
const key = `${namespace}/${name}`

/** Keeps the ConfigMap from which extension API servers learn whom to believe. Several servers share it: nobody's part is taken out. */
export function followAuthenticationConfig(
  facts: AuthenticationFacts, { client, informers, clock, log }: { client: Client; informers: Informers; clock: Clock; log: Log }, signal: AbortSignal,
): void {
  const informer = informers.get(configmaps, { namespace, fieldSelector: `metadata.name=${name}` })
  const refresher = createRefresher({
    clock, backoff: { initial: 5, max: 60_000 },
    async refresh() {
      const there = informer.get(key)
      const data = merged(there?.data ?? {}, facts, clock.now())
      if (there && sameData(there.data ?? {}, data)) return undefined
      try {
        if (there) await client.update(configmaps, { ...there, data }, { signal })
        else await client.create(configmaps, { metadata: { namespace, name }, data }, { signal })
      } catch (error) {
        if (!isConflict(error) && !(isNotFound(error) && there)) throw error
      }
      return undefined
    },
    failed: (_name, error) => log.warn('the authentication of extension API servers could not be written, will try again', { configMap: key, error }),
  }, signal)
  void informer.synced.then(() => {
    if (signal.aborted) return
    refresher.now(key)
    for (const subscription of [informer.on(() => refresher.now(key)), facts.authorities.changed(() => refresher.now(key))]) {
      signal.addEventListener('abort', () => subscription[Symbol.dispose](), { once: true })
    }
  })
}

type Data = Readonly<Record<string, string>>

function merged(there: Data, { authorities, allowedNames, headers }: AuthenticationFacts, now: number): Data {
  const data: Record<string, string> = {}
  const clients = certificates([there['client-ca-file'], authorities.clients()], now)
  if (clients !== '') data['client-ca-file'] = clients
  const proxies = certificates([there['requestheader-client-ca-file'], authorities.frontProxies()], now)
  if (proxies === '') return data
  const list = (field: string, own: readonly string[]): string => JSON.stringify([...new Set([...(there[field] ? (JSON.parse(there[field]) as string[]) : []), ...own])])
  data['requestheader-username-headers'] = list('requestheader-username-headers', headers.username)
  const uid = list('requestheader-uid-headers', headers.uid)
  if (uid !== '[]') data['requestheader-uid-headers'] = uid
  data['requestheader-group-headers'] = list('requestheader-group-headers', headers.group)
  data['requestheader-extra-headers-prefix'] = list('requestheader-extra-headers-prefix', headers.extraPrefix)
  data['requestheader-client-ca-file'] = proxies
  data['requestheader-allowed-names'] = list('requestheader-allowed-names', allowedNames)
  return data
}

/** All that have not expired, each once. */
function certificates(pems: readonly (string | undefined)[], now: number): string {
  const found = new Map<string, string>()
  for (const pem of pems) {
    for (const certificate of pem ? certificatesFromPem(pem) : []) if (certificate.notAfter.getTime() > now) found.set(certificate.raw.toString('base64'), certificateToPem(certificate))
  }
  return [...found.values()].join('')
}

const sameData = (a: Data, b: Data): boolean => Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((field) => a[field] === b[field])
