import { existsSync, readFileSync } from 'node:fs'
import { dataDirOption } from '#cluster/options'
import { StateDirectory } from '#cluster/state-directory'
import { defineVerb } from '../verb'

export const kubeconfig = defineVerb({
  usage: 'kubeconfig [--data-dir DIR]',
  about: "Prints the administrator's kubeconfig of a cluster, whether it runs or not.",
  options: dataDirOption,
  examples: [['navarch kubeconfig > ~/.kube/navarch', 'keep it in a file of its own']],
  async run({ dataDir }, _rest, { print }) {
    const directory = new StateDirectory(dataDir)
    if (!existsSync(directory.kubeconfig)) throw new Error(`there is no cluster in ${directory.path}: bring one up with navarch up, or name another with --data-dir`)
    print(readFileSync(directory.kubeconfig, 'utf8').trimEnd())
    return 0
  },
})
