import type { Client as GrpcClient, ServiceError } from '@grpc/grpc-js'
import type { RuntimeErrorCode } from '../runtime-service'
import { RuntimeError } from '../runtime-service'
import type { Method } from './messages'
import type { Codec } from './wire'

/** A connection to a CRI socket. */
export interface CriConnection extends AsyncDisposable {
  call<Q, A>(method: Method<Q, A>, request: Q, options?: { timeoutMs?: number }): Promise<A>
  /** A stream of answers until the signal or the server ends it. */
  stream<Q, A>(method: Method<Q, A>, request: Q, deliver: (answer: A) => void, signal: AbortSignal): Promise<void>
}

/** The original's runtime request time-out; verbs that may take longer say so. */
const defaultTimeoutMs = 120_000

/** `socket`: an absolute path. grpc-js is loaded here, where it is needed. */
export async function connectCri(socket: string): Promise<CriConnection> {
  const { Client, credentials } = await import('@grpc/grpc-js')
  // Over a unix socket there is no host; some servers refuse the path as authority.
  const client: GrpcClient = new Client(`unix://${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost', 'grpc.max_receive_message_length': 16 * 1024 * 1024, 'grpc.max_send_message_length': 16 * 1024 * 1024,
  })
  const serialize = <T>(codec: Codec<T>) => (value: T): Buffer => Buffer.from(codec.encode(value))
  const deserialize = <T>(codec: Codec<T>) => (bytes: Buffer): T => codec.decode(bytes)
  return {
    call: (method, request, { timeoutMs = defaultTimeoutMs } = {}) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(method.path, serialize(method.request), deserialize(method.response), request, { deadline: Date.now() + timeoutMs }, (error, answer) => {
          if (error) reject(translate(error))
          else resolve(answer!)
        })
      }),
    stream: (method, request, deliver, signal) =>
      new Promise((resolve, reject) => {
        const stream = client.makeServerStreamRequest(method.path, serialize(method.request), deserialize(method.response), request)
        const cancel = (): void => stream.cancel()
        signal.addEventListener('abort', cancel, { once: true })
        if (signal.aborted) cancel()
        stream.on('data', deliver)
        stream.on('error', (error: ServiceError) => (signal.aborted ? resolve() : reject(translate(error))))
        stream.on('end', resolve)
        stream.on('close', () => signal.removeEventListener('abort', cancel))
      }),
    async [Symbol.asyncDispose]() {
      client.close()
    },
  }
}

/** gRPC's numbers. */
const codes: Readonly<Record<number, RuntimeErrorCode>> = {
  3: 'invalid-argument', 4: 'deadline-exceeded', 5: 'not-found', 6: 'already-exists', 9: 'failed-precondition', 12: 'unimplemented', 14: 'unavailable',
}
const names: Readonly<Record<number, string>> = { 2: 'Unknown', 3: 'InvalidArgument', 4: 'DeadlineExceeded', 5: 'NotFound', 6: 'AlreadyExists', 9: 'FailedPrecondition', 12: 'Unimplemented', 13: 'Internal', 14: 'Unavailable' }

/** In the words of a Go client, which users of `kubectl describe` know. */
function translate(error: ServiceError): RuntimeError {
  return new RuntimeError(codes[error.code] ?? 'unknown', `rpc error: code = ${names[error.code] ?? 'Unknown'} desc = ${error.details}`, { cause: error })
}
