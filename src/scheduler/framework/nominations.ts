import type { PodInfo } from './pod-info'

/**
 * Pods that wait for room on a node which others were told to leave for them: until they are there, pods of lower or equal
 * priority may not take the room.
 */
export class Nominations {
  private readonly byNode = new Map<string, Map<string, PodInfo>>()
  private readonly nodes = new Map<string, string>()

  set(info: PodInfo, node: string): void {
    this.delete(info.key)
    this.nodes.set(info.key, node)
    let there = this.byNode.get(node)
    if (!there) this.byNode.set(node, (there = new Map()))
    there.set(info.key, info)
  }

  delete(key: string): void {
    const node = this.nodes.get(key)
    if (node === undefined) return
    this.nodes.delete(key)
    const there = this.byNode.get(node)!
    there.delete(key)
    if (there.size === 0) this.byNode.delete(node)
  }

  /** The node that a pod waits for. */
  of(key: string): string | undefined {
    return this.nodes.get(key)
  }

  /** Pods that wait for this node; undefined when there are none. */
  on(node: string): ReadonlyMap<string, PodInfo> | undefined {
    return this.byNode.size === 0 ? undefined : this.byNode.get(node)
  }
}
