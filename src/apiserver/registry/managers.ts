import type { FieldWriter, JsonObject } from '#apimachinery/apply/contract'
import type { Resource } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import type { Kind } from '../kinds'
import { convertTo } from './convert'
import type { WriteRequest } from './write'

/** Who owns what this request sets: the endpoint's reset fields are nobody's. */
export function writerOf(request: WriteRequest, schema: Struct): FieldWriter {
  const { kind, subresource } = request
  const resetFields = resetFieldsOf(kind.resource, subresource)
  const endpoint = subresource === '' ? undefined : kind.resource.subresources[subresource]
  const onlyFields = endpoint?.sort === 'object' ? endpoint.onlyFields : undefined
  const several = Object.keys(kind.resource.versions).length > 1
  return {
    manager: request.manager,
    apiVersion: kind.apiVersion,
    schema,
    time: request.now,
    ...(subresource === '' ? {} : { subresource }),
    ...(resetFields ? { resetFields } : {}),
    ...(onlyFields ? { onlyFields } : {}),
    ...(several ? { convert: (object: JsonObject, apiVersion: string) => convertTo(kind, object, apiVersion) } : {}),
  }
}

const statusApart = [['status']]

function resetFieldsOf(resource: Resource, subresource: string): readonly (readonly string[])[] | undefined {
  if (subresource === '') return resource.resetFields ?? (resource.subresources.status ? statusApart : undefined)
  const endpoint = resource.subresources[subresource]
  return endpoint?.sort === 'object' ? endpoint.resetFields : undefined
}

export type { Kind }
