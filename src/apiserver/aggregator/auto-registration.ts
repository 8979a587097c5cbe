import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { apiservices } from '#api/apiregistration/v1/api-service'
import type { APIService } from '#api/apiregistration/v1/types'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import { priorityOfCustom } from '../discovery/priorities'
import { createRefresher } from './refresher'

export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'

export interface RegistrationDeps {
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Log
}

const versionIndex = 'group-versions'
const backoff = { initial: 5, max: 60_000 }

/**
 * Every group and version that definitions serve has an APIService, and none stays that nobody serves any more. What somebody else
 * registers under the name is left alone. The built-in groups have theirs from the start.
 */
export function registerDefinitions({ client, informers, clock, log }: RegistrationDeps, signal: AbortSignal): void {
  const [definitions, known] = [informers.get(customresourcedefinitions), informers.get(apiservices)]
  definitions.index(versionIndex, ({ spec: { group, versions } }) => versions.filter(({ served }) => served).map(({ name }) => `${name}.${group}`))
  const sync = async (name: string): Promise<void> => {
    const wanted = definitions.by(versionIndex, name).length > 0
    const there = known.get(name)
    const dot = name.indexOf('.')
    const spec = { group: name.slice(dot + 1), version: name.slice(0, dot), ...priorityOfCustom }
    if (!there) {
      if (wanted) await client.create(apiservices, { metadata: { name, labels: { [managedLabel]: 'true' } }, spec }, { signal })
      return
    }
    if (there.metadata.labels?.[managedLabel] !== 'true') return
    if (!wanted) return client.delete(apiservices, { name }, { preconditions: { uid: there.metadata.uid! }, signal })
    if (!sameSpec(there.spec, spec)) await client.update(apiservices, { ...there, spec }, { signal })
  }
  const refresher = createRefresher({
    clock, backoff,
    async refresh(name) {
      try {
        await sync(name)
      } catch (error) {
        // Somebody was faster: what it came to will be heard.
        if (!isAlreadyExists(error) && !isConflict(error) && !isNotFound(error)) throw error
      }
      return undefined
    },
    failed: (name, error) => log.warn('an APIService could not be kept, will try again', { apiService: name, error }),
  }, signal)
  const ofDefinition = (definition: CustomResourceDefinition | undefined): void => {
    for (const { name } of definition?.spec.versions ?? []) refresher.now(`${name}.${definition!.spec.group}`)
  }
  void Promise.all([definitions.synced, known.synced]).then(() => {
    if (signal.aborted) return
    const subscriptions = [
      definitions.on((definition, old) => {
        ofDefinition(definition)
        ofDefinition(old)
      }),
      known.on((apiService, old) => {
        const { metadata } = (apiService ?? old)!
        if (metadata.labels?.[managedLabel] === 'true' || !apiService) refresher.now(metadata.name)
      }),
    ]
    signal.addEventListener('abort', () => {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
    }, { once: true })
  })
}

function sameSpec(there: APIService['spec'], wanted: Pick<APIService['spec'], 'group' | 'version' | 'groupPriorityMinimum' | 'versionPriority'>): boolean {
  return !there.service && there.group === wanted.group && there.version === wanted.version && there.groupPriorityMinimum === wanted.groupPriorityMinimum
    && there.versionPriority === wanted.versionPriority && !there.insecureSkipTLSVerify && !there.caBundle
}
