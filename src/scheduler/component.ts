import { hostname } from 'node:os'
import { whenAborted } from '#base/abort'
import type { Clock } from '#base/clock'
import type { Component } from '#component-base/component'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import { createSeriesRecorder } from '#client/series-recorder'
import { electedComponent } from '#controller-runtime/elected-component'
import { poddisruptionbudgets } from '#api/policy/v1/pod-disruption-budget'
import { chosenPlugins } from './configuration/chosen-plugins'
import { defaultConfiguration, type SchedulerConfiguration } from './configuration/configuration'
import { defaultSelectorFrom } from './default-selector'
import { namespacesFrom } from './namespaces'
import { defaultBinder } from './plugins/default-binder'
import { dynamicResources } from './plugins/dynamic-resources'
import { defaultPreemption } from './plugins/default-preemption'
import type { AnyPlugin } from './framework/plugin'
import { interPodAffinity } from './plugins/inter-pod-affinity'
import { imageLocality } from './plugins/image-locality'
import { nodeAffinity } from './plugins/node-affinity'
import { nodeName } from './plugins/node-name'
import { nodePorts } from './plugins/node-ports'
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation'
import { nodeResourcesFit } from './plugins/node-resources-fit'
import { nodeUnschedulable } from './plugins/node-unschedulable'
import { podTopologySpread } from './plugins/pod-topology-spread'
import { prioritySort } from './plugins/priority-sort'
import { schedulingGates } from './plugins/scheduling-gates'
import { taintToleration } from './plugins/taint-toleration'
import { volumeBinding } from './plugins/volume-binding'
import { volumeRestrictions } from './plugins/volume-restrictions'
import { volumeZone } from './plugins/volume-zone'
import { Scheduler } from './scheduler'
import { volumeCachesFrom } from './volumes/volume-caches'

export interface SchedulerOptions {
  /** Profiles and their plugins; by default one, `default-scheduler`. */
  configuration?: SchedulerConfiguration
  /** Works only while it holds the Lease `kube-scheduler`; by default it is the only one. */
  leaderElect?: boolean
}

export interface SchedulerComponentDeps {
  /** Acts as `system:kube-scheduler`. */
  client: Client
  informers: Informers
}

export interface PluginDeps {
  informers: Informers
  clock: Clock
  /** Pods, by key, for which others are being told to leave right now. */
  preempting: ReadonlySet<string>
  random?: () => number
}

/** The plugins of the default profile, in the order in which they are asked. */
export function defaultPlugins({ informers, clock, preempting, random = Math.random }: PluginDeps): readonly AnyPlugin[] {
  const budgets = informers.get(poddisruptionbudgets)
  const volumes = volumeCachesFrom(informers)
  return [
    prioritySort,
    schedulingGates,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit,
    dynamicResources,
    volumeRestrictions(volumes),
    volumeBinding(volumes, clock),
    volumeZone(volumes),
    podTopologySpread(defaultSelectorFrom(informers)),
    interPodAffinity(namespacesFrom(informers)),
    nodeResourcesBalancedAllocation,
    imageLocality,
    defaultPreemption({ budgets: () => budgets.list(), isPreempting: ({ key }) => preempting.has(key), random }),
    defaultBinder,
  ]
}

/** kube-scheduler. */
export function createScheduler(options: SchedulerOptions, { client, informers }: SchedulerComponentDeps): Component {
  const { configuration = defaultConfiguration, leaderElect = false } = options
  return electedComponent({ name: 'kube-scheduler', leaderElect }, { client, informers }, async ({ clock, log, signal }, isReady) => {
    const preempting = new Set<string>()
    const plugins = defaultPlugins({ informers, clock, preempting })
    const profiles = configuration.profiles.map((profile) => {
      const { schedulerName, percentageOfNodesToScore = configuration.percentageOfNodesToScore } = profile
      const recorder = createSeriesRecorder({ controller: schedulerName, instance: `${schedulerName}-${hostname()}` }, { client, clock, log, signal })
      return { schedulerName, plugins: chosenPlugins(plugins, profile.plugins), recorder, ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }) }
    })
    const { initialBackoff, maxBackoff } = configuration
    await using scheduler = new Scheduler(profiles, { client, informers, clock, log, preempting, backoff: { initialBackoff, maxBackoff } })
    await scheduler.start()
    isReady()
    await whenAborted(signal)
  })
}
