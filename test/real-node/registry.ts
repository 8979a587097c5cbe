import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Registry extends AsyncDisposable {
  readonly port: number
  /** Repositories that can be read, each with who may; absent: everybody. */
  readonly repositories: Map<string, { username: string; password: string } | undefined>
}

/** A registry on loopback that serves one image (an OCI archive) under every name it is told. Plain HTTP. */
export async function startRegistry(archive: Uint8Array): Promise<Registry> {
  const blobs = filesOf(archive)
  const index = JSON.parse(blobs.get('index.json')!.toString()) as { manifests: { digest: string; mediaType: string }[] }
  const { digest: newest, mediaType } = index.manifests[0]!
  const repositories: Registry['repositories'] = new Map()
  const server = createServer((request, response) => {
    const [, repository = '', sort, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? []
    if (request.url === '/v2/') return void response.end('{}')
    if (!repositories.has(repository)) return void response.writeHead(404).end()
    const who = repositories.get(repository)
    if (who && request.headers.authorization !== `Basic ${Buffer.from(`${who.username}:${who.password}`).toString('base64')}`) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    const digest = reference.startsWith('sha256:') ? reference : newest
    const content = blobs.get(`blobs/sha256/${digest.slice('sha256:'.length)}`)
    if (!content) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': sort === 'manifests' ? mediaType : 'application/octet-stream', 'content-length': content.length, 'docker-content-digest': digest })
    response.end(request.method === 'HEAD' ? undefined : content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    repositories,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function filesOf(archive: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(archive)
  const files = new Map<string, Buffer>()
  for (let at = 0; bytes[at]; ) {
    const name = bytes.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(bytes.toString('utf8', at + 124, at + 136), 8)
    files.set(name, bytes.subarray(at + 512, at + 512 + size))
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}
