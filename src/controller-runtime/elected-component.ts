import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Component, ComponentContext, RunningComponent } from '#component-base/component'
import { runAsLeader } from './leader-election'

export interface ElectionOptions {
  /** The component's name, and that of its Lease in kube-system. */
  readonly name: string
  /** False for the only instance there can be: it works at once. */
  readonly leaderElect: boolean
  /** Who this instance is among several; by default the host's name and something random. */
  readonly identity?: string
}

/** What a component does while it is the one that works: until the signal is aborted. `isReady` is called when it is up. */
export type Lead = (context: ComponentContext, isReady: () => void) => Promise<void>

/**
 * A component of which one instance works while the others stand by. `ready` settles when it is up, or when another one
 * leads. A leader that lost its Lease starts over as one that stands by.
 */
export function electedComponent({ name, leaderElect, identity = `${hostname()}_${randomUUID()}` }: ElectionOptions, deps: { client: Client; informers: Informers }, lead: Lead): Component {
  return {
    name,
    async start({ log, clock, signal: outer }: ComponentContext): Promise<RunningComponent> {
      const stop = new AbortController()
      const signal = AbortSignal.any([outer, stop.signal])
      const ready = createDeferred()
      ready.promise.catch(() => {})
      const isReady = (): void => ready.resolve()
      const done = (async () => {
        if (!leaderElect) return lead({ log, clock, signal }, isReady)
        while (!signal.aborted) {
          await runAsLeader({ name, identity, standingBy: isReady }, { ...deps, clock, log, signal }, (leading) => lead({ log, clock, signal: leading }, isReady))
        }
      })()
      done.catch((error: unknown) => {
        ready.reject(error)
        if (!signal.aborted) log.error('a component ended', { component: name, error })
      })
      return {
        ready: ready.promise,
        async [Symbol.asyncDispose]() {
          stop.abort(new Error(`${name} was stopped`))
          await Promise.allSettled([done])
          ready.reject(new Error(`${name} was stopped`))
        },
      }
    },
  }
}
