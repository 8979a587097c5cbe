import { definePlugin, maxNodeScore, skip } from '../framework/plugin'

const megabyte = 1024 * 1024
const [least, mostPerContainer] = [23 * megabyte, 1000 * megabyte]

/**
 * Prefers nodes that have the pod's images already. An image counts by its size and by how many nodes have it, so that
 * a rare image does not draw all pods onto one node.
 */
export const imageLocality = definePlugin({
  name: 'ImageLocality',
  preScore({ pod }, _nodes, snapshot) {
    const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image }) => normalized(image ?? ''))
    const shares = names.map((name) => (snapshot.images.get(name) ?? 0) / snapshot.nodes.length)
    return shares.every((share) => share === 0) ? skip : { names, shares }
  },
  score({ names, shares }, node) {
    let sum = 0
    for (let i = 0; i < names.length; i++) sum += Math.trunc((node.images.get(names[i]!) ?? 0) * shares[i]!)
    const most = mostPerContainer * names.length
    return Math.trunc((maxNodeScore * (Math.min(most, Math.max(least, sum)) - least)) / (most - least))
  },
})

/** Without a tag it is `latest`. */
const normalized = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image)
