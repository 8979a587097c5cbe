import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateToPem } from '#component-base/certs/certificate'
import { createAuthority, issue, keyPairToPem } from '#component-base/certs/issue'

export interface HttpsAnswer {
  readonly code?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text goes out as it is, everything else as JSON; `never` is no answer at all, `hang up` closes the connection. */
  readonly body: unknown
}

export interface AskedOf {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly serverName: string
  readonly body: any
}

/** An HTTPS server with a certificate of its own for tests of webhooks. */
export interface HttpsTestServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** The authority's certificate, base64 of PEM: what configurations call caBundle. */
  readonly caBundle: string
  readonly asked: AskedOf[]
  /** How many connections were made. */
  readonly connections: number
}

const authority = createAuthority({ commonName: 'webhooks', organizations: [] }, new Date(Date.now() - 3600_000), new Date(Date.now() + 86_400_000))

export const never = Symbol('never')
export const hangUp = Symbol('hang up')

export async function startHttpsServer(names: readonly string[], answer: (asked: AskedOf) => HttpsAnswer | Promise<HttpsAnswer>): Promise<HttpsTestServer> {
  const pair = issue({
    subject: { commonName: names[0]!, organizations: [] }, names: { dns: [...names], ips: ['127.0.0.1'], uris: [], emails: [] }, usages: ['digital signature', 'server auth'],
    notBefore: authority.certificate.notBefore, notAfter: authority.certificate.notAfter,
  }, authority)
  const asked: AskedOf[] = []
  let connections = 0
  const server: Server = createServer(keyPairToPem(pair), (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const one = { path: request.url ?? '', headers: request.headers, serverName: (request.socket as { servername?: string }).servername ?? '', body: text === '' ? undefined : (JSON.parse(text) as unknown) }
      asked.push(one)
      void Promise.resolve(answer(one)).then(({ code = 200, headers = {}, body }) => {
        if (body === never) return
        if (body === hangUp) return request.socket.destroy()
        response.writeHead(code, { 'content-type': 'application/json', ...headers })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    })
  })
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port, url: `https://127.0.0.1:${port}`, asked, caBundle: Buffer.from(certificateToPem(authority.certificate)).toString('base64'),
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
