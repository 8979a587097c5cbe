import { generateKeyPairSync, sign, constants, type KeyObject } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'

export interface OidcIssuer extends AsyncDisposable {
  readonly url: string
  /** PEM. */
  readonly ca: string
  /** Makes a token; `algorithm` is RS256 unless said otherwise. */
  token(claims: object, options?: { algorithm?: string; kid?: string }): string
  /** Signs with other keys from now on, and publishes those alone. */
  rotate(): void
  /** Paths that were asked for. */
  readonly asked: string[]
  /** Another document at a path. */
  serve(path: string, body: string, headers?: Record<string, string>): void
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

function makeKey(algorithm: string): KeyObject {
  const curve = curves[algorithm]
  return curve ? generateKeyPairSync('ec', { namedCurve: curve }).privateKey : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

/** An issuer of JSON web tokens as OpenID Connect has them, over HTTPS on this machine. */
export async function startOidcIssuer(): Promise<OidcIssuer> {
  const pki = openPki()
  let keys = new Map<string, KeyObject>()
  let generation = 0
  const served = new Map<string, { body: string; headers?: Record<string, string> }>()
  const asked: string[] = []
  const keyFor = (algorithm: string): KeyObject => {
    // One key for all that RSA can do: making one takes a tenth of a second.
    const sameSort = algorithm in curves ? undefined : [...keys].find(([known]) => !(known in curves))?.[1]
    let key = keys.get(algorithm)
    if (!key) keys.set(algorithm, (key = sameSort ?? makeKey(algorithm)))
    return key
  }
  const idOf = (algorithm: string): string => `${algorithm}-${generation}`
  const server = createServer(keyPairToPem(pki.issueServing('issuer', ['127.0.0.1'])), (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const own = served.get(path)
    if (own) return void response.writeHead(200, { 'content-type': 'application/json', ...own.headers }).end(own.body)
    if (path.endsWith('/.well-known/openid-configuration')) return void response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }))
    if (path === '/keys') {
      const jwks = [...keys].map(([algorithm, key]) => ({ ...key.export({ format: 'jwk' }), d: undefined, kid: idOf(algorithm), use: 'sig', alg: algorithm }))
      return void response.end(JSON.stringify({ keys: jwks }))
    }
    response.writeHead(404).end('not found')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    url, asked, ca: certificateToPem(pki.ca.certificate),
    token(claims, { algorithm = 'RS256', kid = idOf(algorithm) } = {}) {
      const content = `${encode({ alg: algorithm, kid })}.${encode({ iss: url, ...claims })}`
      const key = keyFor(algorithm)
      const padding = algorithm.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}
      return `${content}.${sign(`sha${algorithm.slice(2)}`, Buffer.from(content), { key, dsaEncoding: 'ieee-p1363', ...padding }).toString('base64url')}`
    },
    rotate() {
      keys = new Map()
      generation++
    },
    serve: (path, body, headers) => void served.set(path, { body, ...(headers ? { headers } : {}) }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
