import { serviceaccounts } from '#api/core/v1/service-account'
import type { Pod } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import { MountError } from '../pod-host'
import type { Tokens } from './volume-plugin'

interface Answer { status?: { token?: string; expirationTimestamp?: string } }
interface Held { token: string; refreshAt: number }

const day = 86_400_000

/** Service account tokens bound to pods, kept in memory, replaced after 80 % of their life and at least daily. */
export function createTokens({ client, clock, signal }: { client: Client; clock: Clock; signal: AbortSignal }): Tokens {
  const held = new Map<string, Map<string, Held>>()

  async function request(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<Held> {
    const { namespace = '', name, uid = '' } = pod.metadata
    const account = pod.spec.serviceAccountName || 'default'
    const body = {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {},
      spec: { audiences: audience ? [audience] : [], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
    }
    signal.throwIfAborted()
    const asked = clock.now()
    let answer: Answer
    try {
      answer = await client.subresource<object, Answer>(serviceaccounts, { namespace, name: account }, 'token', 'POST', body)
    } catch (error) {
      throw new MountError(`failed to fetch token: ${messageOf(error)}`, { cause: error })
    }
    const { token, expirationTimestamp } = answer.status ?? {}
    if (!token || !expirationTimestamp) throw new MountError(`failed to fetch token: the answer for service account ${namespace}/${account} holds none`)
    const life = Date.parse(expirationTimestamp) - asked
    // Pods that start together must not all come back in the same second.
    return { token, refreshAt: asked + Math.min(life * 0.8, day) - Math.random() * Math.min(10_000, life * 0.05) }
  }

  return {
    async get(pod, audience, expirationSeconds) {
      const uid = pod.metadata.uid ?? ''
      let own = held.get(uid)
      if (!own) held.set(uid, (own = new Map()))
      const key = `${audience ?? ''} ${expirationSeconds}`
      const before = own.get(key)
      if (before && clock.now() < before.refreshAt) return before
      const fresh = await request(pod, audience, expirationSeconds)
      own.set(key, fresh)
      return fresh
    },
    release: (podUid) => void held.delete(podUid),
  }
}
