import type { Clock } from '#base/clock'
import type { Informers } from '#client/informer'
import type { Transport } from '#client/transport'
import { type Credentials, placeOfKubeconfig } from './kubeconfig-place'
import { isOwnPlace, ownPlace } from './own-place'
import { openPlace, type Place } from './place'
import { serviceAddress } from './service-address'
import type { Webhook, WebhookClientConfig, Webhooks } from './webhook'

export interface WebhooksDeps {
  /** Where services and their endpoints are looked up. They are watched from the first call to a service on. */
  readonly informers: Informers
  readonly clock: Clock
  /** This server, as itself: webhooks that are behind it are asked within the process. Absent: as any other place. */
  readonly self?: Pick<Transport, 'request'>
  /** Who the API server is to a `host:port`; nobody by default. */
  readonly credentials?: (hostPort: string) => Credentials
}

/** Webhooks over HTTPS. Whoever asks for the same place shares its connections; they close with the last `Webhook` of it. */
export function createWebhooks({ informers, clock, self, credentials }: WebhooksDeps): Webhooks {
  const open = new Map<string, { webhook: Webhook; users: number }>()

  const shared = (key: string, make: () => Place): Webhook => {
    let entry = open.get(key)
    if (!entry) open.set(key, (entry = { webhook: openPlace(make(), clock), users: 0 }))
    const { webhook } = entry
    const mine = entry
    mine.users++
    let gone = false
    return {
      call: (body, options) => webhook.call(body, options),
      async [Symbol.asyncDispose]() {
        if (gone) return
        gone = true
        if (--mine.users > 0) return
        open.delete(key)
        await webhook[Symbol.asyncDispose]()
      },
    }
  }

  return {
    of: (config) => self && isOwnPlace(config) ? ownPlace(config, self, clock) : shared(JSON.stringify([config.url, config.service, config.caBundle]), () => placeOf(config, informers, credentials)),
    ofKubeconfig: (file) => openPlace(placeOfKubeconfig(file), clock),
  }
}

function placeOf({ url, service, caBundle }: WebhookClientConfig, informers: Informers, credentials: WebhooksDeps['credentials']): Place {
  const trusted = caBundle ? { ca: Buffer.from(caBundle, 'base64').toString('utf8') } : {}
  if (service) {
    const { namespace, name, path = '', port = 443 } = service
    const host = `${name}.${namespace}.svc`
    return {
      url: `https://${host}:${port}${path === '' ? '/' : path}`, ...trusted, serverName: host, ...credentials?.(`${host}:${port}`),
      resolve: () => serviceAddress(informers, { namespace, name, port }),
    }
  }
  if (!url) throw new Error('webhook configuration must have either service or URL')
  const parsed = new URL(url)
  return { url, ...trusted, ...credentials?.(parsed.port === '' ? `${parsed.host}:443` : parsed.host) }
}
