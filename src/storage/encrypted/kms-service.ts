import { Client, credentials } from '@grpc/grpc-js'
import {
  decodeDecryptResponse, decodeEncryptResponse, decodeStatus, type Encrypted, encodeDecryptRequest, encodeEncryptRequest, type KmsStatus,
} from './kms-messages'

/** Who keeps the key that keys are encrypted with. */
export interface KmsService extends Disposable {
  status(): Promise<KmsStatus>
  encrypt(plaintext: Uint8Array, uid: string): Promise<Encrypted>
  decrypt(encrypted: Encrypted, uid: string): Promise<Uint8Array>
}

/** A KMS v2 plugin behind a unix socket: `unix:///run/kms.sock`, or `unix:///@name` for an abstract one. */
export function kmsPlugin(endpoint: string, timeoutMs: number): KmsService {
  const { pathname } = new URL(endpoint)
  const path = decodeURIComponent(pathname)
  const client = new Client(path.startsWith('/@') ? `unix-abstract:${path.slice(2)}` : `unix:${path}`, credentials.createInsecure())
  const call = <Result>(method: string, request: Uint8Array, decode: (source: Uint8Array) => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(`/v2.KeyManagementService/${method}`, (message: Uint8Array) => Buffer.from(message), decode, request, { deadline: Date.now() + timeoutMs }, (error, result) => {
        if (error) reject(error)
        else resolve(result!)
      })
    })
  return {
    status: () => call('Status', new Uint8Array(), decodeStatus),
    encrypt: (plaintext, uid) => call('Encrypt', encodeEncryptRequest(plaintext, uid), decodeEncryptResponse),
    decrypt: (encrypted, uid) => call('Decrypt', encodeDecryptRequest(encrypted, uid), decodeDecryptResponse),
    [Symbol.dispose]: () => client.close(),
  }
}
