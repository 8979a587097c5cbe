import { answered, authorizerValue, requestResourceValue } from '#apimachinery/cel/library/authorizer'
import type { AuthorizationQuestion } from '#apimachinery/cel/library/authorizer'
import type { Namespace } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { UserInfo } from '../../authentication/authenticator'
import type { Authorizer, Attributes } from '../../authorization/authorizer'
import { kindIn, namespaceOf, placeIn } from '../matching/place'
import { inVersion } from '../matching/versioned'
import type { AdmissionRequest } from '../plugin'
import { optionsOf } from '../webhooks/review'

export { answered }

/** What expressions may name, for one request as one version shows it. Made once for all policies that want that version. */
export type Activation = Readonly<Record<string, unknown>>

export interface ActivationDeps {
  readonly authorizer: Authorizer
}

/** `variables` and `params` are each policy's own. */
export function activationOf(request: AdmissionRequest, apiVersion: string, namespace: Namespace | undefined, { authorizer }: ActivationDeps): Activation {
  const shown = (object: KubeObject | undefined): unknown => (object ? inVersion(request, object, apiVersion) : null)
  let about: unknown
  let ask: ReturnType<typeof authorizerValue> | undefined
  const own = (): ReturnType<typeof authorizerValue> => (ask ??= authorizerValue((question) => authorizer.authorize(attributesOf(question, request.user))))
  return {
    object: shown(request.object),
    oldObject: shown(request.old),
    namespaceObject: namespace ?? null,
    request: () => (about ??= requestOf(request, apiVersion)),
    authorizer: own,
    'authorizer.requestResource': () => {
      const { kind, resource, subresource, name } = request
      return requestResourceValue(own(), { group: kind.group, resource: resource.resource, subresource, namespace: namespaceOf(request), name })
    },
  }
}

/** An AdmissionRequest without its objects. */
function requestOf(request: AdmissionRequest, apiVersion: string): unknown {
  const { kind, resource, subresource, name, operation, user, dryRun } = request
  const namespace = namespaceOf(request)
  const sub = subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }
  return {
    uid: '', kind: kindIn(apiVersion, request), resource: placeIn(apiVersion, resource), requestKind: kindIn(kind.apiVersion, request), requestResource: placeIn(kind.apiVersion, resource), ...sub,
    ...(name === '' ? {} : { name }), ...(namespace === '' ? {} : { namespace }), operation, dryRun, options: optionsOf(request),
    userInfo: {
      ...(user.name ? { username: user.name } : {}), ...(user.uid ? { uid: user.uid } : {}), ...(user.groups.length > 0 ? { groups: user.groups } : {}),
      ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
    },
  }
}

function attributesOf({ serviceAccount, verb, path, resource }: AuthorizationQuestion, asking: UserInfo): Attributes {
  const user = serviceAccount
    ? { name: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount.namespace}`, 'system:authenticated'] }
    : asking
  if (!resource) return { isResource: false, verb, path: path ?? '', group: '', version: '', resource: '', subresource: '', namespace: '', name: '', user }
  const { fieldSelector, labelSelector, ...rest } = resource
  return {
    isResource: true, verb, path: '', version: '*', ...rest, user, ...(fieldSelector === '' ? {} : { fieldSelector }), ...(labelSelector === '' ? {} : { labelSelector }),
  }
}
