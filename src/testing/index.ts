// What other people's tests import: `navarch/testing`.
export type { Credentials } from './credentials'
export { hasCondition, isAvailable, isNodeReady, isPodReady, waitingReason } from './predicates'
export type { ContainerMatch, SimulatedContainers, SimulatedImages } from './simulated-images'
export { type NodeOptions, startCluster, type TestCluster, type TestClusterOptions, type TestNodes, type TestUser } from './start-cluster'
export type { TestClient } from './test-client'
export type { Until, UntilGone, UntilList, UntilOptions, Where } from './until'
export type { ContainerOutcome } from '#kubelet/fake/rules'
export type { SimulatedNode } from '#sim/simulated-node'
