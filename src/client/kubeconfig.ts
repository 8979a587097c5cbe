import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'

/** A kubeconfig file's content, as kubectl writes it. */
export interface Kubeconfig {
  apiVersion: 'v1'
  kind: 'Config'
  clusters: { name: string; cluster: KubeconfigCluster }[]
  users: { name: string; user: KubeconfigUser }[]
  contexts: { name: string; context: { cluster: string; user: string; namespace?: string } }[]
  'current-context'?: string
  preferences?: Record<string, unknown>
}
export interface KubeconfigCluster {
  server: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
}
export interface KubeconfigUser {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
  exec?: { command?: string }
  'auth-provider'?: { name?: string }
}

/** What a transport needs to reach a server as somebody. PEM texts. */
export interface Connection {
  server: string
  ca?: string
  cert?: string
  key?: string
  /** Skips the check of the server's certificate. */
  insecure?: boolean
  serverName?: string
  token?: string
  /** Read again once a minute, since what issues it renews it. Wins over `token`. */
  tokenFile?: string
  basic?: { username: string; password: string }
  impersonate?: Impersonation
}
export interface Impersonation { user: string; uid?: string; groups?: readonly string[]; extra?: Readonly<Record<string, readonly string[]>> }

const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'] as const

/** One file; paths in it become absolute. */
export async function readKubeconfig(file: string): Promise<Kubeconfig> {
  const config = parse(await readFile(file, 'utf8'), { version: '1.1' }) as Partial<Kubeconfig> | null
  const whole: Kubeconfig = { ...config, apiVersion: 'v1', kind: 'Config', clusters: config?.clusters ?? [], users: config?.users ?? [], contexts: config?.contexts ?? [] }
  const here = dirname(resolve(file))
  for (const entry of [...whole.clusters.map((c) => c.cluster), ...whole.users.map((u) => u.user)] as Record<string, unknown>[])
    for (const field of pathFields) {
      const path = entry?.[field]
      if (typeof path === 'string' && path !== '' && !isAbsolute(path)) entry[field] = join(here, path)
    }
  return whole
}

/**
 * As kubectl does: `file`, else the files of `KUBECONFIG` merged (what comes first wins; missing ones are skipped), else
 * `~/.kube/config`.
 */
export async function loadKubeconfig({ file, env = process.env }: { file?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Kubeconfig> {
  if (file) return readKubeconfig(file)
  const files = env['KUBECONFIG']?.split(delimiter).filter(Boolean) ?? [join(env['HOME'] ?? homedir(), '.kube', 'config')]
  const all: Kubeconfig[] = []
  for (const path of files) {
    try {
      all.push(await readKubeconfig(path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return mergeKubeconfigs(all)
}

export function mergeKubeconfigs(all: readonly Kubeconfig[]): Kubeconfig {
  const first = <T extends { name: string }>(lists: T[][]): T[] => {
    const byName = new Map<string, T>()
    for (const entry of lists.flat()) if (!byName.has(entry.name)) byName.set(entry.name, entry)
    return [...byName.values()]
  }
  const current = all.map((c) => c['current-context']).find(Boolean)
  return {
    apiVersion: 'v1', kind: 'Config', clusters: first(all.map((c) => c.clusters)), users: first(all.map((c) => c.users)),
    contexts: first(all.map((c) => c.contexts)), ...(current ? { 'current-context': current } : {}),
  }
}

/** Readable by its owner alone; whoever reads meanwhile sees the old file or the new one, never half of it. */
export async function writeKubeconfig(file: string, config: Kubeconfig): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const fresh = `${file}.${process.pid}.new`
  await writeFile(fresh, stringify(config, { version: '1.1', lineWidth: 0 }), { mode: 0o600 })
  await chmod(fresh, 0o600)
  await rename(fresh, file)
}

/** The server and the identity of a context, by default the current one. Credentials that need a plugin are refused by name. */
export async function connectionOf(config: Kubeconfig, contextName = config['current-context']): Promise<Connection & { namespace: string }> {
  if (!contextName) throw new Error('the kubeconfig names no current context: name one, or set current-context')
  const context = config.contexts.find((c) => c.name === contextName)?.context
  if (!context) throw new Error(`context "${contextName}" does not exist in the kubeconfig`)
  const cluster = config.clusters.find((c) => c.name === context.cluster)?.cluster
  if (!cluster) throw new Error(`cluster "${context.cluster}" of context "${contextName}" does not exist in the kubeconfig`)
  const user = config.users.find((u) => u.name === context.user)?.user ?? {}
  if (user.exec) throw new Error(`user "${context.user}" needs the exec plugin "${user.exec.command}", which is not supported: use a token or a client certificate`)
  if (user['auth-provider'])
    throw new Error(`user "${context.user}" needs the auth provider "${user['auth-provider'].name}", which is not supported: use a token or a client certificate`)
  if (cluster['proxy-url']) throw new Error(`cluster "${context.cluster}" has a proxy-url, which is not supported`)
  return {
    server: cluster.server, namespace: context.namespace || 'default',
    ca: await pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: await pem(user['client-certificate-data'], user['client-certificate']),
    key: await pem(user['client-key-data'], user['client-key']),
    insecure: cluster['insecure-skip-tls-verify'], serverName: cluster['tls-server-name'], token: user.token, tokenFile: user.tokenFile,
    ...(user.username ? { basic: { username: user.username, password: user.password ?? '' } } : {}),
    ...(user.as ? { impersonate: { user: user.as, uid: user['as-uid'], groups: user['as-groups'], extra: user['as-user-extra'] } } : {}),
  }
}

const pem = async (data: string | undefined, file: string | undefined): Promise<string | undefined> =>
  data ? Buffer.from(data, 'base64').toString('utf8') : file ? readFile(file, 'utf8') : undefined

/** What a pod is given: the service account's token and the cluster's CA. */
export async function inClusterConnection(env: NodeJS.ProcessEnv = process.env, dir = '/var/run/secrets/kubernetes.io/serviceaccount'): Promise<Connection> {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (!host || !port) throw new Error('not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be set')
  return { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, ca: await readFile(join(dir, 'ca.crt'), 'utf8'), tokenFile: join(dir, 'token') }
}
