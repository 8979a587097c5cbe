import { createServer, type Server } from 'node:http'
import type { Log } from '#component-base/log'
import type { ServicePort } from './service-ports'

/**
 * Answers load balancers that ask a node whether it has endpoints of a Service with `externalTrafficPolicy: Local`, on the
 * Service's health check node port: 200 where there are some, 503 where there are none.
 */
export class HealthCheckServers implements AsyncDisposable {
  private readonly servers = new Map<number, { server: Server; service: string; local: number }>()
  private readonly address: string
  private readonly log: Log

  constructor(address: string, log: Log) {
    this.address = address
    this.log = log
  }

  follow(ports: readonly ServicePort[]): void {
    const wanted = new Map<number, { service: string; local: number }>()
    for (const { healthCheckNodePort: at, id, external } of ports)
      if (at !== undefined) wanted.set(at, { service: id.replace(/:.*/, ''), local: external.filter(({ local }) => local).length })
    for (const [at, { server }] of this.servers)
      if (!wanted.has(at)) {
        server.close()
        this.servers.delete(at)
      }
    for (const [at, what] of wanted) {
      const there = this.servers.get(at)
      if (there) Object.assign(there, what)
      else this.open(at, what)
    }
  }

  private open(at: number, what: { service: string; local: number }): void {
    const server = createServer((_request, response) => {
      const { service, local } = this.servers.get(at)!
      const [namespace, name] = service.split('/')
      response.writeHead(local > 0 ? 200 : 503, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })
      response.end(JSON.stringify({ service: { namespace, name }, localEndpoints: local, serviceProxyHealthy: true }))
    })
    server.on('error', (error) => this.log.error('health check port is not served', { port: at, service: what.service, error }))
    server.listen(at, this.address)
    server.unref()
    this.servers.set(at, { server, ...what })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.servers.values()].map(({ server }) => new Promise((resolve) => server.close(resolve))))
    this.servers.clear()
  }
}
