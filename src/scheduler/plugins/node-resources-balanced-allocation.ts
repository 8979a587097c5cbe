import { definePlugin, maxNodeScore, skip } from '../framework/plugin'

/** Prefers nodes whose CPU and memory would be used in like measure, so that neither runs out long before the other. */
export const nodeResourcesBalancedAllocation = definePlugin({
  name: 'NodeResourcesBalancedAllocation',
  preScore: ({ requests }) => (requests.milliCpu === 0 && requests.memory === 0 ? skip : undefined),
  score(_state, { allocatable, requested }, { requests }) {
    const before = imbalance(requested.milliCpu / allocatable.milliCpu, requested.memory / allocatable.memory)
    const after = imbalance((requested.milliCpu + requests.milliCpu) / allocatable.milliCpu, (requested.memory + requests.memory) / allocatable.memory)
    // How much better or worse the balance gets, around three quarters of the scale, from a half to the whole.
    const better = (before - after) * maxNodeScore
    return Math.trunc(maxNodeScore / 2 + (maxNodeScore / 2 + better) / 2)
  },
})

/** Standard deviation of two fractions, each at most whole. */
function imbalance(cpu: number, memory: number): number {
  const whole = (fraction: number): number => (Number.isFinite(fraction) ? Math.min(1, fraction) : 0)
  return Math.abs(whole(cpu) - whole(memory)) / 2
}
