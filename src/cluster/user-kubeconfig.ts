import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Kubeconfig, mergeKubeconfigs, readKubeconfig, writeKubeconfig } from '#client/kubeconfig'

/** The file that kubectl reads: the first of KUBECONFIG, else ~/.kube/config. */
export function userKubeconfig(env: NodeJS.ProcessEnv = process.env): string {
  return env.KUBECONFIG?.split(delimiter).find(Boolean) ?? join(env.HOME ?? homedir(), '.kube', 'config')
}

/** Puts a cluster's context into a kubeconfig and makes it the current one; what else is in there stays. */
export async function addContext(file: string, config: Kubeconfig): Promise<void> {
  const merged = mergeKubeconfigs([config, await readOrEmpty(file)])
  await writeKubeconfig(file, { ...merged, 'current-context': config['current-context']! })
}

/** Takes a cluster's entries out again. */
export async function removeContext(file: string, name: string): Promise<void> {
  const config = await readOrEmpty(file)
  if (!config.contexts.some((context) => context.name === name)) return
  const user = config.contexts.find((context) => context.name === name)!.context.user
  const { 'current-context': current, ...rest } = config
  await writeKubeconfig(file, {
    ...rest,
    clusters: config.clusters.filter((cluster) => cluster.name !== name),
    contexts: config.contexts.filter((context) => context.name !== name),
    users: config.users.filter((one) => one.name !== user),
    ...(current && current !== name ? { 'current-context': current } : {}),
  })
}

async function readOrEmpty(file: string): Promise<Kubeconfig> {
  try {
    return await readKubeconfig(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { apiVersion: 'v1', kind: 'Config', clusters: [], users: [], contexts: [] }
    throw error
  }
}
