import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface HttpsGetOptions {
  /** PEM; absent: the roots of the system. */
  readonly ca?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly code: number
  readonly contentType: string
  readonly text: string
}

const timeoutMs = 30_000
/** Discovery documents, key sets and tokens are small; a larger answer is none. */
const maxBytes = 4 << 20
const maxRedirects = 10

/** A document of an issuer. Throws when it is not reached, or is not there in time. */
export async function httpsGet(url: string, options: HttpsGetOptions, redirects = 0): Promise<Answer> {
  const inTime = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, inTime]) : inTime
  const response = await send(url, options, signal)
  const code = response.statusCode ?? 0
  const { location } = response.headers
  if (code >= 300 && code < 400 && location) {
    response.resume()
    if (redirects >= maxRedirects) throw new Error(`Get ${JSON.stringify(url)}: stopped after ${maxRedirects} redirects`)
    return httpsGet(new URL(location, url).href, options, redirects + 1)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`Get ${JSON.stringify(url)}: the answer has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return { code, contentType: response.headers['content-type'] ?? '', text: Buffer.concat(chunks).toString('utf8') }
}

function send(url: string, { ca, headers }: HttpsGetOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.startsWith('https:')
    const common = { headers: { accept: 'application/json', ...headers }, signal, agent: false as const }
    const request = secure ? requestHttps(url, { ...common, ...(ca === undefined ? {} : { ca }) }) : requestHttp(url, common)
    request.on('response', resolve)
    request.on('error', (error) => reject(new Error(`Get ${JSON.stringify(url)}: ${error.message}`, { cause: error })))
    request.end()
  })
}
