/** What the kubelet's server answers beside success: plain text, which the API server hands on. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
