import { readFileSync } from 'node:fs'
import { option, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import type { Authorities } from '../authentication/authorities'
import { identityHeaders, type RequestHeaderNames, type requestHeaderOptions } from '../authentication/request-header'
import type { AggregatorOptions } from './aggregator'

/** kube-apiserver's flags. */
export const aggregatorOptions = {
  proxyClientCertFile: option(types.string, 'proxy-client-cert-file', '', 'A file of the certificate that the API server shows to extension API servers; unless said otherwise the cluster\'s own.'),
  proxyClientKeyFile: option(types.string, 'proxy-client-key-file', '', 'The file of the key to --proxy-client-cert-file.'),
  enableAggregatorRouting: option(types.bool, 'enable-aggregator-routing', true, 'Reach extension API servers by their endpoints; false: by the cluster IP of their Service, which takes a service proxy beside the API server.'),
  aggregatorRejectForwardingRedirect: option(types.bool, 'aggregator-reject-forwarding-redirect', true, 'Do not pass redirects of extension API servers on to clients.'),
}

type Given = OptionsOf<typeof aggregatorOptions> & Partial<OptionsOf<typeof requestHeaderOptions>>

/** The names under which front proxies speak, by the flags. */
export const headerNames = (options: Partial<OptionsOf<typeof requestHeaderOptions>>): RequestHeaderNames => ({
  username: options.requestheaderUsernameHeaders ?? ['X-Remote-User'], uid: options.requestheaderUidHeaders ?? ['X-Remote-Uid'],
  group: options.requestheaderGroupHeaders ?? ['X-Remote-Group'], extraPrefix: options.requestheaderExtraHeadersPrefix ?? ['X-Remote-Extra-'],
})

/** What the flags come to. Beside them stands the cluster's own certificate, PEM, which counts where a flag names none. */
export function aggregatorSettings(options: Given, own: { proxyClient: { cert: string; key: string }; authorities: Authorities }): AggregatorOptions {
  const { proxyClientCertFile: cert, proxyClientKeyFile: key } = options
  if ((cert === '') !== (key === '')) throw new Error('--proxy-client-cert-file and --proxy-client-key-file belong together: one of them is missing')
  const headers = headerNames(options)
  return {
    proxyClient: cert === '' ? own.proxyClient : { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    toEndpoints: options.enableAggregatorRouting, rejectRedirects: options.aggregatorRejectForwardingRedirect, claims: identityHeaders(headers),
    facts: { authorities: own.authorities, allowedNames: options.requestheaderAllowedNames ?? ['front-proxy-client'], headers },
  }
}
