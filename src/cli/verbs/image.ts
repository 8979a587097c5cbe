import { existsSync } from 'node:fs'
import { option, types } from '#component-base/options/option'
import { runtimeSocket } from '#cluster/real-node'
import { importImage } from '#kubelet/cri/import-image'
import { defineVerb } from '../verb'

export const image = defineVerb({
  usage: 'image import FILE',
  about: "Brings a container image into this machine's node, from a file that docker save, podman save or skopeo wrote: for images that no registry has.",
  options: { containerRuntimeEndpoint: option(types.string, 'container-runtime-endpoint', '', 'The socket of the runtime, as given to navarch up.') },
  examples: [['navarch image import web.tar', 'then use it with imagePullPolicy: IfNotPresent or Never']],
  async run({ containerRuntimeEndpoint }, [action, file], { print }) {
    if (action !== 'import' || !file) throw new Error('say what to do: navarch image import FILE')
    if (!existsSync(file)) throw new Error(`there is no file ${file}`)
    const socket = await runtimeSocket(containerRuntimeEndpoint)
    for (const name of await importImage(file, { socket })) print(name)
    return 0
  },
})
