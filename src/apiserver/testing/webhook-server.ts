import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'

export interface WebhookServer extends AsyncDisposable {
  readonly url: string
  /** What `--authorization-webhook-config-file` and its like would hold. */
  readonly kubeconfig: string
  /** Bodies that were sent, oldest first. */
  readonly asked: any[]
  /** The answers from now on; a number is a status without anything else. */
  answer(respond: (body: any) => object | number): void
}

/** Whoever is asked by POSTed JSON, over HTTPS on this machine. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const pki = openPki()
  const asked: unknown[] = []
  let respond: (body: any) => object | number = () => 500
  const server = createServer(keyPairToPem(pki.issueServing('webhook', ['127.0.0.1'])), (request, response) => {
    let text = ''
    request.on('data', (piece: Buffer) => (text += piece.toString()))
    request.on('end', () => {
      const body: unknown = JSON.parse(text)
      asked.push(body)
      const answer = respond(body)
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/ask`
  const ca = Buffer.from(certificateToPem(pki.ca.certificate)).toString('base64')
  return {
    url, asked,
    kubeconfig: JSON.stringify({
      'apiVersion': 'v1', 'kind': 'Config', 'clusters': [{ name: 'c', cluster: { 'server': url, 'certificate-authority-data': ca } }], 'users': [{ name: 'u', user: { token: 'ours' } }],
      'contexts': [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x',
    }),
    answer: (made) => void (respond = made),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
