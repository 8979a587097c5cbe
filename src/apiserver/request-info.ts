/** What a request is about, read off its method and path before anything else happens. */
export interface RequestInfo {
  /** False for `/healthz`, `/version`, `/openapi`: authorized by path. */
  readonly isResource: boolean
  /** Of the API: get, list, watch, create, update, patch, delete, deletecollection; otherwise the method in lower case. */
  readonly verb: string
  readonly path: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** Empty for the whole cluster and for objects of the cluster. */
  readonly namespace: string
  readonly name: string
  /** What follows a proxy subresource. */
  readonly rest: string
  readonly query: URLSearchParams
}
