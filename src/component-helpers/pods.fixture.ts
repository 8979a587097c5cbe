// Pods for the tests of this folder: only what a test is about is written there.
import type { Container, Pod } from '#api/core/v1/types'

export const at = (second: number): string => new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString().replace('.000Z', 'Z')

export function makePod(name: string, { spec, status, metadata }: { spec?: Partial<Pod['spec']>; status?: Pod['status']; metadata?: Partial<Pod['metadata']> } = {}): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: at(0), ...metadata },
    spec: { containers: [], ...spec } as Pod['spec'],
    status: status ?? {},
  }
}

export const makeContainer = (name: string, rest: Partial<Container> = {}): Container => ({ name, resources: {}, ...rest })

export const readySince = (second: number): Pod['status'] => ({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(second) }] })
