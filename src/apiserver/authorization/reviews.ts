import type {
  LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus,
} from '#api/authorization/v1/types'
import type { ApiError } from '#apimachinery/api-error'
import { badRequest, invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import type { UserInfo } from '../authentication/authenticator'
import type { Result } from '../exchange'
import type { Rest } from '../rest/rest'
import type { Attributes, Authorizer, RuleResolver } from './authorizer'
import { selectorsOf, validateSelectors } from './review-selectors'

const group = 'authorization.k8s.io'
const apiVersion = 'authorization.k8s.io/v1'

/** The create-only kinds that ask what somebody may do. */
export function accessReviewRests(authorizer: Authorizer, rules: RuleResolver): Rest<any>[] {
  const decide = async (spec: Partial<SubjectAccessReviewSpec>, user: UserInfo): Promise<SubjectAccessReviewStatus> => {
    const { attributes, problems } = attributesOf(spec, user)
    const { verdict, reason, error } = await authorizer.authorize(attributes)
    const evaluationError = [...(error === undefined ? [] : [error]), ...problems].join('; ')
    return { allowed: verdict === 'allow', ...(verdict === 'deny' ? { denied: true } : {}), ...(reason ? { reason } : {}), ...(evaluationError ? { evaluationError } : {}) }
  }
  const subjectReview: Rest<SubjectAccessReview> = {
    group, resource: 'subjectaccessreviews',
    async create(review) {
      const errors = new FieldErrors()
      validateSpec(review.spec, errors)
      validateSubject(review.spec, errors)
      validateAttributes(review.spec, errors)
      mustBeEmpty(review.metadata, errors, 'must be empty')
      refuse(errors)
      return answer({ ...review, status: await decide(review.spec, subjectOf(review.spec)) })
    },
  }
  const localReview: Rest<LocalSubjectAccessReview> = {
    group, resource: 'localsubjectaccessreviews',
    async create(review, _exchange, _kind, request) {
      const { spec, metadata } = review
      if (metadata.namespace && metadata.namespace !== request.namespace) {
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${request.namespace}`)
      }
      const errors = new FieldErrors()
      validateSpec(spec, errors)
      validateSubject(spec, errors)
      validateAttributes(spec, errors)
      mustBeEmpty({ ...metadata, namespace: '' }, errors, 'must be empty except for namespace')
      const { resourceAttributes: about } = spec
      if (about && (about.namespace ?? '') !== request.namespace) errors.at('spec', 'resourceAttributes', 'namespace').invalid(about.namespace ?? '', 'must match metadata.namespace')
      if (spec.nonResourceAttributes) errors.at('spec', 'nonResourceAttributes').invalid(internalPath(spec.nonResourceAttributes), 'disallowed on this kind of request')
      refuse(errors)
      return answer({ ...review, metadata: { ...metadata, namespace: request.namespace }, status: await decide(spec, subjectOf(spec)) })
    },
  }
  const selfReview: Rest<SelfSubjectAccessReview> = {
    group, resource: 'selfsubjectaccessreviews',
    async create(review, exchange) {
      const errors = new FieldErrors()
      validateSpec(review.spec, errors)
      validateAttributes(review.spec, errors)
      mustBeEmpty(review.metadata, errors, 'must be empty')
      refuse(errors)
      return answer({ ...review, status: await decide(review.spec, exchange.user) })
    },
  }
  const selfRules: Rest<SelfSubjectRulesReview> = {
    group, resource: 'selfsubjectrulesreviews',
    create(review, exchange) {
      const { namespace } = review.spec
      if (!namespace) throw badRequest('no namespace on request')
      const { resourceRules, nonResourceRules, incomplete, evaluationError } = rules.rulesFor(exchange.user, namespace)
      return answer({ apiVersion, kind: 'SelfSubjectRulesReview', metadata: {}, spec: {}, status: { resourceRules, nonResourceRules, incomplete, ...(evaluationError ? { evaluationError } : {}) } })
    },
  }
  return [subjectReview, localReview, selfReview, selfRules]
}

const answer = (object: object): Result => ({ sort: 'object', code: 201, object })

function attributesOf({ resourceAttributes: about, nonResourceAttributes: path }: Partial<SubjectAccessReviewSpec>, user: UserInfo): { attributes: Attributes; problems: readonly string[] } {
  if (!about) {
    const attributes = { isResource: false, verb: path?.verb ?? '', path: path?.path ?? '', group: '', version: '', resource: '', subresource: '', namespace: '', name: '', user }
    return { attributes, problems: [] }
  }
  const { problems, ...selectors } = selectorsOf(about)
  const attributes = {
    isResource: true, verb: about.verb ?? '', path: '', group: about.group ?? '', version: about.version || '*', resource: about.resource ?? '',
    subresource: about.subresource ?? '', namespace: about.namespace ?? '', name: about.name ?? '', user, ...selectors,
  }
  return { attributes, problems }
}

const subjectOf = ({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo => ({ name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) })

/** The original prints its own, internal names here. */
const internalPath = ({ path = '', verb = '' }: { path?: string; verb?: string }): unknown => ({ Path: path, Verb: verb })

function validateSpec({ resourceAttributes: about, nonResourceAttributes: path }: Partial<SubjectAccessReviewSpec>, errors: FieldErrors): void {
  if (about && path) errors.at('spec', 'nonResourceAttributes').invalid(internalPath(path), 'cannot be specified in combination with resourceAttributes')
  if (!about && !path) errors.at('spec', 'resourceAttributes').invalid(null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')
}

function validateSubject({ user, groups }: SubjectAccessReviewSpec, errors: FieldErrors): void {
  if (!user && !groups?.length) errors.at('spec', 'user').invalid('', 'at least one of user or group must be specified')
}

function validateAttributes({ resourceAttributes: about }: Partial<SubjectAccessReviewSpec>, errors: FieldErrors): void {
  if (about) validateSelectors(about, errors.at('spec', 'resourceAttributes'))
}

function mustBeEmpty(metadata: ObjectMeta | undefined, errors: FieldErrors, message: string): void {
  const { managedFields: _managed, ...rest } = metadata ?? {}
  const filled = Object.values(rest).some((value) => value !== undefined && value !== null && value !== '')
  if (filled) errors.at('metadata').invalid(rest, message)
}

function refuse(errors: FieldErrors): void {
  if (!errors.any) return
  const error: ApiError = invalid({ group, kind: '' }, '', errors.all)
  // The original has lost the kind when it gets here, and says none.
  if (error.status.details) delete error.status.details.kind
  throw error
}
