import { readFileSync } from 'node:fs'
import { Client, credentials, status } from '@grpc/grpc-js'
import type { ChannelCredentials, ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { StoreUnavailable } from '../store'

export type EtcdConnectionOptions = {
  /** As `--etcd-servers`: `https://10.0.0.1:2379`. */
  servers: readonly string[]
  certFile?: string
  keyFile?: string
  caFile?: string
  /** How long a call may take. */
  timeoutMs?: number
}

export type Call<Result> = { readonly path: string; readonly request: Buffer; readonly decode: (source: Buffer) => Result }
export type WatchStream<Result> = ClientDuplexStream<Buffer, Result>

const identity = (message: Buffer): Buffer => message

/** Calls to the members of an etcd cluster: one of them as long as it answers, then the next. */
export class EtcdConnection implements Disposable {
  private readonly clients: readonly Client[]
  private readonly timeoutMs: number
  private preferred = 0

  constructor({ servers, certFile, keyFile, caFile, timeoutMs = 10_000 }: EtcdConnectionOptions) {
    if (servers.length === 0) throw new StoreUnavailable('no etcd server is given: name one as https://HOST:2379')
    const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readFileSync(file))
    const secure = (): ChannelCredentials => credentials.createSsl(read(caFile), read(keyFile), read(certFile))
    this.timeoutMs = timeoutMs
    this.clients = servers.map((server) => {
      const url = URL.parse(server)
      if (!url?.host || !/^https?:$/.test(url.protocol))
        throw new StoreUnavailable(`${server} is no etcd server: it must be a URL as https://HOST:2379`)
      return new Client(url.port ? url.host : `${url.host}:2379`, url.protocol === 'https:' ? secure() : credentials.createInsecure(), {
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        'grpc.keepalive_time_ms': 30_000,
        'grpc.keepalive_timeout_ms': 10_000,
      })
    })
  }

  /** Reads, which may be asked of one member after the other. */
  async read<Result>(call: Call<Result>): Promise<Result> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.once(call)
      } catch (error) {
        if (!isUnavailable(error) || tried >= this.clients.length) throw unavailable(error)
      }
    }
  }

  /** Writes, which are not repeated: it is not known what has become of one that was not answered. */
  async write<Result>(call: Call<Result>): Promise<Result> {
    try {
      return await this.once(call)
    } catch (error) {
      throw unavailable(error)
    }
  }

  stream<Result>(path: string, decode: (source: Buffer) => Result): WatchStream<Result> {
    return this.clients[this.preferred]!.makeBidiStreamRequest(path, identity, decode)
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.close()
  }

  private once<Result>({ path, request, decode }: Call<Result>): Promise<Result> {
    const asked = this.preferred
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + this.timeoutMs
      this.clients[asked]!.makeUnaryRequest(path, identity, decode, request, { deadline }, (error, result) => {
        if (!error) return resolve(result!)
        if (isUnavailable(error) && this.preferred === asked) this.preferred = (asked + 1) % this.clients.length
        reject(error)
      })
    })
  }
}

const isUnavailable = (error: unknown): boolean => [status.UNAVAILABLE, status.DEADLINE_EXCEEDED].includes((error as ServiceError).code)

/** What etcd says, or `StoreUnavailable` when it does not answer or cannot write. */
export function unavailable(error: unknown): Error {
  const { code, details, message } = error as ServiceError
  const down = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED, status.UNAUTHENTICATED, status.PERMISSION_DENIED]
  if (!down.includes(code)) return error as Error
  return new StoreUnavailable(`etcd cannot be used: ${details || message}`, { cause: error })
}
