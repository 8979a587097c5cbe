import { runWorker } from '#cluster/workers/run-worker'
import { defineVerb } from '../verb'

export const apiWorker = defineVerb({
  usage: 'api-worker',
  about: 'One of the processes of --api-workers. It is started by navarch up and navarch apiserver, and ends with them.',
  options: {},
  examples: [],
  async run(_options, _rest, { say }) {
    if (!process.send) {
      say('navarch api-worker is started by navarch up --api-workers N, not by hand')
      return 2
    }
    try {
      await runWorker()
      return 0
    } finally {
      // Without the first process nothing can be finished: requests on their way would wait for its store.
      if (!process.connected) process.exit(1)
      process.disconnect()
    }
  },
})
