import type { Node, NodeCondition } from '#api/core/v1/types'
import { findCondition } from './conditions'

export const nodeCondition = (node: Node, type: string): NodeCondition | undefined => findCondition(node.status?.conditions, type)

export const isNodeReady = (node: Node): boolean => nodeCondition(node, 'Ready')?.status === 'True'

/** The node's address of a type: InternalIP, ExternalIP, Hostname and others. */
export const nodeAddress = (node: Node, type: string): string | undefined => node.status?.addresses?.find((address) => address.type === type)?.address
