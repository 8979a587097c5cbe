import { kubernetesVersion, navarchVersion } from '#component-base/version'
import { defineVerb } from '../verb'

export const version = defineVerb({
  usage: 'version',
  about: 'Prints the version of Navarch and of the Kubernetes API that it speaks.',
  options: {},
  examples: [['navarch version', 'Navarch 0.1.0, Kubernetes v1.36.0']],
  async run(_options, _rest, { print }) {
    print(`Navarch ${navarchVersion}, Kubernetes ${kubernetesVersion.gitVersion}`)
    return 0
  },
})
