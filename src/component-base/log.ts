/** Log messages are constant; what varies goes into fields: `log.info('pod started', { pod: key })`. Never a secret. */
export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** The same log with fields in every line: `log.with({ controller: 'replicaset' })`. */
  with(fields: Fields): Log
}
/** An `error` field may be an Error: its stack is kept. */
export type Fields = Readonly<Record<string, unknown>>

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
