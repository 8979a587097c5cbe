import { pods } from '#api/core/v1/pod'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import type { Happening } from '#client/series-recorder'
import { silent } from '#component-base/log'
import { chosenPlugins } from './configuration/chosen-plugins'
import { defaultConfiguration, type SchedulerConfiguration } from './configuration/configuration'
import { defaultPlugins } from './component'
import { Scheduler } from './scheduler'

/** A scheduler over the fake API; what it tells is a list of lines. For tests. */
export async function startTestBed(configuration: SchedulerConfiguration = defaultConfiguration) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  // The fake API stores objects; binding, which changes one through another, is done here.
  api.intercept((call, target) => {
    if (!call.path.endsWith('/binding')) return undefined
    if (bed.refuse) throw new Error(bed.refuse)
    const bound = { ...api.read(pods, target.key)!, spec: { ...api.read(pods, target.key)!.spec, nodeName: (call.body as { target: { name: string } }).target.name } }
    api.seed(pods, bound)
    return { code: 201, body: {}, warnings: [] }
  })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  const told: string[] = []
  const recorder = { event: ({ regarding, reason, note }: Happening) => void told.push(`${regarding.name} ${reason}: ${note}`) }
  const preempting = new Set<string>()
  const random = (): number => 0.5
  const plugins = defaultPlugins({ informers, clock, preempting, random })
  const profiles = configuration.profiles.map((profile) => ({ ...profile, plugins: chosenPlugins(plugins, profile.plugins), recorder }))
  const scheduler = new Scheduler(profiles, { client, informers, clock, log: silent, preempting, random })
  const started = scheduler.start()
  await clock.settle()
  await started
  const bed = {
    api, client, clock, told, scheduler,
    /** Set: bindings are refused with these words. */
    refuse: '',
    settle: async () => {
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setImmediate(resolve))
        await clock.settle()
      }
    },
    nodeOf: (name: string) => api.read(pods, `default/${name}`)?.spec.nodeName,
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]()
      await informers[Symbol.asyncDispose]()
    },
  }
  return bed
}
