import { definePlugin } from '../framework/plugin'

/** Pods of higher priority first; among equals, who came first. */
export const prioritySort = definePlugin({
  name: 'PrioritySort',
  queueSort: (a, b) => b.priority - a.priority || a.added - b.added,
})
