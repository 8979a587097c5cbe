import { existsSync, rmSync } from 'node:fs'
import { option, types } from '#component-base/options/option'
import { dataDirOption } from '#cluster/options'
import { StateDirectory } from '#cluster/state-directory'
import { removeContext, userKubeconfig } from '#cluster/user-kubeconfig'
import { defineVerb } from '../verb'
import { stopCluster } from './down'

export const reset = defineVerb({
  usage: 'reset --yes [--data-dir DIR]',
  about: `Stops a cluster and removes everything it left on this machine: its data directory with all objects and certificates, its
containers, network and rules, and its context in the kubeconfig. There is no way back.`,
  options: { ...dataDirOption, yes: option(types.bool, 'yes', false, 'Yes, remove it all.') },
  examples: [['navarch reset --yes', 'begin anew']],
  async run({ dataDir, yes }, _rest, terminal) {
    const directory = new StateDirectory(dataDir)
    if (!existsSync(directory.path)) {
      terminal.say(`there is nothing in ${directory.path}`)
      return 0
    }
    if (!existsSync(directory.at('pki')) && !existsSync(directory.store)) throw new Error(`${directory.path} does not hold a cluster of Navarch: nothing was removed`)
    if (!yes) throw new Error(`this removes every object of the cluster in ${directory.path}. If that is what you want: navarch reset --yes --data-dir ${directory.path}`)
    const kubeconfig = directory.running()?.kubeconfig ?? userKubeconfig()
    const pods = await stopCluster(directory, terminal, { forGood: true })
    const { removeRealNode } = await import('#cluster/remove-real-node')
    await removeRealNode(directory, pods)
    await removeContext(kubeconfig, 'navarch')
    rmSync(directory.path, { recursive: true, force: true })
    terminal.say(`removed ${directory.path}`)
    return 0
  },
})
