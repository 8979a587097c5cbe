import http2 from 'node:http2'
import { openPki } from '#component-base/certs/pki'
import { keyPairToPem } from '#component-base/certs/issue'
import { storedPod } from './objects'

/**
 * The floor: what this runtime can do at all. TLS, HTTP/2, JSON.parse of the body, JSON.stringify of the answer, one write
 * per watcher; nothing is stored, checked or authorized. No API server on the same runtime is faster. Its argument is the
 * number of pods that its lists have.
 */
const pods = Number(process.argv[2] ?? 10_000)
const { cert, key } = keyPairToPem(openPki().apiserver)
const event = (name: string, index: number): Buffer => Buffer.from(`{"type":"ADDED","object":${JSON.stringify(storedPod(name, index))}}\n`)
const one = Buffer.from(JSON.stringify(storedPod('p-1', 1)))
const all = Buffer.concat(Array.from({ length: pods }, () => one))
const watchers = new Set<http2.ServerHttp2Stream>()
let pending: Buffer[] = []

function flush(): void {
  const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending)
  pending = []
  for (const stream of watchers) stream.write(bytes)
}

function answer(stream: http2.ServerHttp2Stream, status: number, body: Buffer | string): void {
  stream.respond({ ':status': status, 'content-type': 'application/json' })
  stream.end(body)
}

function read(stream: http2.ServerHttp2Stream, path: string): void {
  if (path.includes('watch=true')) {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    watchers.add(stream)
    stream.on('close', () => watchers.delete(stream))
  } else if (/\/pods\/[a-z]/.test(path)) answer(stream, 200, one)
  else if (path.includes('limit=500')) answer(stream, 200, all.subarray(0, one.length * Math.min(500, pods)))
  else if (path.includes('limit=1')) answer(stream, 200, '{"metadata":{"resourceVersion":"5"}}')
  else if (path.includes('labelSelector')) answer(stream, 200, all.subarray(0, one.length * (pods / 100)))
  else answer(stream, 200, all)
}

function write(stream: http2.ServerHttp2Stream, method: string): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => {
    const text = Buffer.concat(chunks).toString()
    const object = text === '' ? undefined : (JSON.parse(text) as { kind?: string; metadata?: { name: string; labels: { idx: string } } })
    answer(stream, method === 'POST' ? 201 : 200, object?.kind === 'Pod' ? JSON.stringify(object) : one)
    if (method === 'POST' && watchers.size > 0 && object?.metadata) {
      if (pending.length === 0) setImmediate(flush)
      pending.push(event(object.metadata.name, Number(object.metadata.labels.idx)))
    }
  })
}

// Without maxSessionMemory Node ends large answers with ENHANCE_YOUR_CALM: its default is 10 MB a connection.
const server = http2.createSecureServer({
  key,
  cert,
  maxSessionMemory: 4000,
  settings: { initialWindowSize: 1 << 24, maxConcurrentStreams: 2000 },
})
if (!process.versions.bun) server.on('session', (session) => session.setLocalWindowSize(1 << 26))
server.on('stream', (stream, headers) => {
  stream.on('error', () => watchers.delete(stream))
  const method = String(headers[':method'])
  if (method === 'GET') read(stream, String(headers[':path']))
  else write(stream, method)
})
server.listen(0, '127.0.0.1', () => console.log(`https://127.0.0.1:${(server.address() as { port: number }).port}`))
