import http2 from 'node:http2'

/** One HTTP/2 connection of the load generator. Answers are thrown away as they arrive: the generator must cost little. */
export interface Connection {
  /** Throws on any status from 300. Resolves with what is in the answer when `keep` is set, else with ''. */
  call(method: string, path: string, body?: string, options?: { contentType?: string; keep?: boolean }): Promise<string>
  /** Resolves once the server has answered; `onBytes` gets whatever arrives from then on. A watch that the server ends breaks the benchmark off. */
  watch(path: string, onBytes: (bytes: Buffer) => void): Promise<void>
  /** Rejects when the connection fails. */
  readonly failed: Promise<never>
  close(): void
}

export function connect(url: string, token: string): Connection {
  const session = http2.connect(url, { rejectUnauthorized: false, settings: { initialWindowSize: 1 << 24 } })
  if (!process.versions.bun) session.on('connect', () => session.setLocalWindowSize(1 << 26))
  const failed = new Promise<never>((_, reject) => session.on('error', reject))
  failed.catch(() => undefined)
  const authorization = `Bearer ${token}`

  return {
    call: (method, path, body, { contentType = 'application/json', keep = false } = {}) =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': method,
          ':path': path,
          authorization,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': contentType }),
        })
        let status = 0
        let text = ''
        stream.on('response', (headers) => {
          status = Number(headers[':status'])
          if (keep || status >= 300) stream.setEncoding('utf8')
        })
        stream.on('data', (chunk: Buffer | string) => {
          if (typeof chunk === 'string') text += chunk
        })
        stream.on('end', () => (status < 300 ? resolve(text) : reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`))))
        stream.on('error', reject)
        stream.end(body)
      }),
    watch: (path, onBytes) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, authorization, accept: 'application/json' })
        stream.on('data', onBytes)
        stream.on('end', () => session.destroy(new Error(`the server ended the watch of ${path}`)))
        stream.on('error', reject)
        stream.on('response', (headers) => (Number(headers[':status']) < 300 ? resolve() : reject(new Error(`${path}: ${headers[':status']}`))))
      }),
    failed,
    close: () => session.destroy(),
  }
}
