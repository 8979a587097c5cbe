import type { Service } from '#api/core/v1/types'

/**
 * Variables that tell a pod of the services around it: those of its namespace where the pod wants links, and in any case
 * the API server's (`kubernetes` in `default`).
 */
export function serviceEnvironment(services: readonly Service[], namespace: string, links: boolean): Record<string, string> {
  const env: Record<string, string> = {}
  const chosen = services.filter((service) => {
    const { name, namespace: own } = service.metadata
    if (!service.spec.clusterIP || service.spec.clusterIP === 'None') return false
    return (own === 'default' && name === 'kubernetes') || (links && own === namespace)
  })
  // A service of the pod's own namespace wins over the default one of that name.
  chosen.sort((a, b) => Number(a.metadata.namespace === namespace) - Number(b.metadata.namespace === namespace))
  for (const service of chosen) {
    const ports = service.spec.ports ?? []
    const first = ports[0]
    if (!first) continue
    const name = service.metadata.name.toUpperCase().replaceAll('-', '_')
    const ip = service.spec.clusterIP!
    const host = ip.includes(':') ? `[${ip}]` : ip
    env[`${name}_SERVICE_HOST`] = ip
    env[`${name}_SERVICE_PORT`] = String(first.port)
    for (const port of ports) if (port.name) env[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port)
    env[`${name}_PORT`] = `${(first.protocol ?? 'TCP').toLowerCase()}://${host}:${first.port}`
    for (const port of ports) {
      const protocol = port.protocol ?? 'TCP'
      const prefix = `${name}_PORT_${port.port}_${protocol}`
      env[prefix] = `${protocol.toLowerCase()}://${host}:${port.port}`
      env[`${prefix}_PROTO`] = protocol.toLowerCase()
      env[`${prefix}_PORT`] = String(port.port)
      env[`${prefix}_ADDR`] = ip
    }
  }
  return env
}
