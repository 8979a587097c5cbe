/** Where a webhook is, as admission configurations, CRD conversions and APIServices say it. */
export interface WebhookClientConfig {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
  /** PEM in base64; absent: the roots of the system. */
  readonly caBundle?: string
}

export interface WebhookCall {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** False: whoever is told something need not answer; any 2xx will do, and the call comes to undefined. */
  readonly wantsAnswer?: boolean
}

/** One place that is asked by POSTing JSON. Connections are kept and shared by all calls to one place. */
export interface Webhook extends AsyncDisposable {
  /** The answer's JSON. Throws `WebhookError`: not reached, timed out, an answer that is no 2xx or no JSON (its text as client-go says it). */
  call(body: unknown, options: WebhookCall): Promise<unknown>
}

/**
 * Makes webhooks. A service is reached through its ready endpoints or its cluster IP, by the API server's way to pods, with
 * `<name>.<namespace>.svc` as the name that its certificate must have.
 */
export interface Webhooks {
  of(config: WebhookClientConfig): Webhook
  /** `--authentication-token-webhook-config-file` and its like: a kubeconfig whose cluster is the webhook. Throws a clear error of the file. */
  ofKubeconfig(file: string): Webhook
}
