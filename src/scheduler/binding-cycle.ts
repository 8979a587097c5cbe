import { isConflict } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import { type BindContext, isRejection, type AnyPlugin } from './framework/plugin'
import type { PodInfo } from './framework/pod-info'
import type { Snapshot } from './framework/snapshot'

/**
 * Takes a pod to the node that was chosen: reserve, permit, preBind, bind, postBind. When a step fails, what was reserved
 * is given up again, last first, and the error goes to the caller.
 */
export async function bindPod(pod: PodInfo, node: string, plugins: readonly AnyPlugin[], snapshot: Snapshot, context: BindContext): Promise<void> {
  const giveUp: (() => void)[] = []
  try {
    for (const plugin of plugins) {
      const reserved = plugin.reserve?.(pod, node, snapshot)
      if (isRejection(reserved)) throw new Error(reserved.reasons.join(', '))
      if (reserved) giveUp.push(reserved)
    }
    for (const plugin of plugins) {
      const answer = plugin.permit?.(pod, node)
      if (answer === undefined || answer === 'allow') continue
      if (isRejection(answer)) throw new Error(answer.reasons.join(', '))
      await answer.wait
    }
    for (const plugin of plugins) if (plugin.preBind) await plugin.preBind(pod, node, context).catch((error: unknown) => fail('PreBind', plugin, error))
    await bindByFirst(pod, node, plugins, context)
  } catch (error) {
    for (const undo of giveUp.reverse()) undo()
    throw error
  }
  for (const plugin of plugins) plugin.postBind?.(pod, node)
}

async function bindByFirst(pod: PodInfo, node: string, plugins: readonly AnyPlugin[], context: BindContext): Promise<void> {
  for (const plugin of plugins) if (plugin.bind && (await plugin.bind(pod, node, context))) return
  throw new Error(`no bind plugin of the profile takes pod ${pod.key}: add DefaultBinder`)
}

const fail = (step: string, { name }: AnyPlugin, error: unknown): never => {
  throw isConflict(error) ? error : new Error(`running ${step} plugin "${name}": ${messageOf(error)}`, { cause: error })
}
