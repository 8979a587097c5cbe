import { ownByGroup } from './directories'

/** Files that the kubelet writes are read-only to the pod's group. */
export function atomicOwner(fsGroup: number | undefined): (path: string) => Promise<void> {
  return (path) => ownByGroup(path, fsGroup, true)
}
