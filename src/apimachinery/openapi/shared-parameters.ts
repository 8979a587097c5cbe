import { createHash } from 'node:crypto'

type Json = Record<string, unknown>

/**
 * What the original calls its shared parameters: the name, and a hash of its own text that nobody else can make. Where the same name
 * means different things, what tells them apart stands first.
 */
const known: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'HC2hJt-J', 'body DeleteOptions': '2Y1dVQaQ', 'body Patch': '78PwaGsr', command: 'Py3eQybp', 'container log': '1GeXxFDC', 'container attach': '_Q-EJ3nR', 'container exec': 'i5dOmRiM',
  continue: 'QfD61s0i', 'fieldManager patch': '7c6nTn1T', fieldManager: 'Qy4HdaTW', fieldSelector: 'xIcQKXFG', follow: '9OIXh_2R', force: 'tOGGb0Yi', gracePeriodSeconds: '-K5HaBOS',
  ignoreStoreReadErrorWithClusterBreakingPotential: 'QbNkfIqj', insecureSkipTLSVerifyBackend: 'gM00jVbe', labelSelector: '5Zw57w4C', limit: '1NfNmdNH', limitBytes: 'zwd1RXuc', logpath: 'Noq7euwC',
  namespace: 'vgWSWtn3', orphanDependents: 'uRB25kX5', ports: '91KROJmm', pretty: 'tJGM1-ng', previous: '1jxDPu3y', propagationPolicy: '6jk3prlO', resourceVersion: '5WAnf1kx',
  resourceVersionMatch: 't8XhRHeC', sendInitialEvents: 'rLXlEK_k', shardSelector: 'Kgyki_3_', sinceSeconds: 'vE2NLdnP', stream: 'l-48cgXv', tailLines: '9xQLWHMV', timeoutSeconds: 'yvYezaOC',
  timestamps: 'c17fW1w_', watch: 'XNNPZGbK', 'path path': 'z6Ciiujn',
  'stderr attach': '26jJhFUR', 'stdin attach': 'sEFnN3IS', 'stdout attach': '005YMKE6', 'tty attach': 'g7MlET_l', 'stderr exec': 'W_1TNlWc', 'stdin exec': 'PSzNhyUC', 'stdout exec': '-EZLRwV1', 'tty exec': 's0flW37O',
  'path nodes': 'rFDtV0x9', 'path pods': 'oPbzgLUj', 'path services': 'QCf0eosM',
}

/** kubectl looks for these in operations: they are never shared; neither are names, which say whose they are. */
const unshared: ReadonlySet<string> = new Set(['name', 'fieldValidation', 'dryRun'])

/** An OpenAPI v2 document in which parameters that operations have in common are said once, as the original does. */
export function shareParameters(document: Json): Json {
  const shared: Record<string, Json> = {}
  const replaced = (list: readonly Json[], path: string, method?: string): Json[] =>
    list.map((parameter) => {
      const name = sharedName(parameter, path, method)
      if (name === undefined) return parameter
      shared[name] ??= parameter
      return { $ref: `#/parameters/${name}` }
    })
  const paths = Object.fromEntries(Object.entries(document['paths'] as Record<string, Json>).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([key, value]) => {
      if (key === 'parameters') return [key, replaced([...(value as Json[])].sort((a, b) => (order(a) < order(b) ? -1 : 1)), path)]
      const operation = value as Json
      return [key, operation['parameters'] ? { ...operation, parameters: replaced(operation['parameters'] as Json[], path, key) } : operation]
    })),
  ]))
  const parameters = Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)))
  return Object.fromEntries(Object.entries({ ...document, paths, parameters }).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const order = (parameter: Json): string => `${String(parameter['name'])} ${String(parameter['in'])}`

function sharedName(parameter: Json, path: string, method: string | undefined): string | undefined {
  const name = parameter['name'] as string
  if (unshared.has(name)) return undefined
  if (parameter['in'] === 'body') {
    const [, generic] = /^#\/definitions\/io\.k8s\.apimachinery\..*\.(\w+)$/.exec((parameter['schema'] as { $ref?: string } | undefined)?.$ref ?? '') ?? []
    return generic === undefined ? undefined : `body-${known[`body ${generic}`] ?? hash(parameter)}`
  }
  const [, resource] = /\/(pods|services|nodes)\/\{name\}\/proxy/.exec(path) ?? []
  const tellingApart = parameter['in'] === 'path' ? ['path'] : [method, path.slice(path.lastIndexOf('/') + 1), resource]
  const found = tellingApart.map((one) => known[`${name} ${one}`]).find((one) => one !== undefined)
  return `${name}-${found ?? known[name] ?? hash(parameter)}`
}

const hash = (parameter: Json): string => createHash('sha256').update(JSON.stringify(parameter)).digest('base64url').slice(0, 8)
