import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { messageOf } from '#base/error-message'
import type { Kubeconfig, KubeconfigUser } from '#client/kubeconfig'
import type { Place } from './place'

/**
 * The cluster and user of a kubeconfig's current context: whom to POST to, and as whom. A file without clusters and contexts stands for
 * the cluster whose pod this is, where it is one. Throws an error that names the file.
 */
export function placeOfKubeconfig(file: string, pod: PodFiles = podFiles): Place {
  const { config, here } = readFile(file)
  const empty = !config.clusters?.length && !config.contexts?.length && !config['current-context']
  const own = empty ? inCluster(pod) : undefined
  if (own) return own
  const problem = (text: string): Error => new Error(`kubeconfig ${file}: ${text}`)
  const name = config['current-context'] ?? (config.contexts?.length === 1 ? config.contexts[0]!.name : undefined)
  if (!name) throw problem('it names no current-context: set it to the context of the webhook')
  const context = config.contexts?.find((one) => one.name === name)?.context
  if (!context) throw problem(`context ${JSON.stringify(name)} does not exist`)
  const cluster = config.clusters?.find((one) => one.name === context.cluster)?.cluster
  if (!cluster) throw problem(`cluster ${JSON.stringify(context.cluster)} does not exist`)
  if (!cluster.server || !URL.canParse(cluster.server)) throw problem(`cluster ${JSON.stringify(context.cluster)} has no server that is a URL`)
  if (cluster['proxy-url']) throw problem(`cluster ${JSON.stringify(context.cluster)} has a proxy-url, which is not supported`)
  const user = config.users?.find((one) => one.name === context.user)?.user
  const ca = pem(here, cluster['certificate-authority-data'], cluster['certificate-authority'])
  return {
    url: cluster.server, ...(ca === undefined ? {} : { ca }), ...(cluster['insecure-skip-tls-verify'] ? { insecure: true } : {}),
    ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}), ...credentialsOf(user ?? {}, here, problem),
  }
}

/** Where a pod finds what it is given. */
export interface PodFiles {
  readonly env: NodeJS.ProcessEnv
  /** Holds `token` and `ca.crt`. */
  readonly directory: string
}
const podFiles: PodFiles = { env: process.env, directory: '/var/run/secrets/kubernetes.io/serviceaccount' }

function inCluster({ env, directory }: PodFiles): Place | undefined {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']]
  const token = join(directory, 'token')
  if (!host || !port || !existsSync(token)) return undefined
  const ca = join(directory, 'ca.crt')
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, ...(existsSync(ca) ? { ca: readFileSync(ca, 'utf8') } : {}),
    authorization: () => `Bearer ${readFileSync(token, 'utf8').trim()}`,
  }
}

export type Credentials = Pick<Place, 'cert' | 'key' | 'authorization'>

/**
 * A kubeconfig of which only users count, by the `host:port` they are shown to: `--admission-control-config-file` names one for
 * webhooks. A user may be called `*.namespace.svc`, or `*` for all; port 443 may be left out.
 */
export function credentialsOfKubeconfig(file: string): (hostPort: string) => Credentials {
  const { config, here } = readFile(file)
  const problem = (text: string): Error => new Error(`kubeconfig ${file}: ${text}`)
  const users = new Map((config.users ?? []).map(({ name, user }) => [name, credentialsOf(user ?? {}, here, problem)]))
  const current = config.contexts?.find(({ name }) => name === config['current-context'])?.context.user
  const match = (target: string): Credentials | undefined => {
    const steps = target.split('.')
    const names = [target, ...steps.slice(1).map((_step, i) => `*.${steps.slice(i + 1).join('.')}`)]
    return names.map((name) => users.get(name)).find(Boolean)
  }
  return (hostPort) => match(hostPort) ?? (hostPort.endsWith(':443') ? match(hostPort.slice(0, -4)) : undefined) ?? users.get('*') ?? (current === undefined ? undefined : users.get(current)) ?? {}
}

function readFile(file: string): { config: Partial<Kubeconfig>; here: string } {
  try {
    return { config: (parse(readFileSync(file, 'utf8'), { version: '1.1' }) ?? {}) as Partial<Kubeconfig>, here: dirname(resolve(file)) }
  } catch (error) {
    throw new Error(`kubeconfig ${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function credentialsOf(user: KubeconfigUser, here: string, problem: (text: string) => Error): Credentials {
  if (user.exec || user['auth-provider']) throw problem('credential plugins are not supported for webhooks: use a token or a client certificate')
  const cert = pem(here, user['client-certificate-data'], user['client-certificate'])
  const key = pem(here, user['client-key-data'], user['client-key'])
  if ((cert === undefined) !== (key === undefined)) throw problem('a client certificate needs its key, and a key its certificate')
  const { token, tokenFile, username, password } = user
  const authorization = token ? () => `Bearer ${token}`
    : tokenFile ? () => `Bearer ${readFileSync(placed(here, tokenFile), 'utf8').trim()}`
      : username ? () => `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` : undefined
  return { ...(cert === undefined ? {} : { cert, key: key! }), ...(authorization ? { authorization } : {}) }
}

const placed = (here: string, file: string): string => (isAbsolute(file) ? file : join(here, file))
const pem = (here: string, data: string | undefined, file: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : file ? readFileSync(placed(here, file), 'utf8') : undefined
