import { cannotBeHandled } from '#apimachinery/codec/codec'
import { decodeMessage } from '#apimachinery/codec/protobuf/decode'
import { openEnvelope } from '#apimachinery/codec/protobuf/envelope'
import { DecodeError } from '#apimachinery/schema/decode-error'
import { protobufStruct } from '../encoding/protobuf-kinds'

/** Go's name for the kinds that have no message. */
const noMessage = 'object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message'

/**
 * A body in protobuf as the object that JSON would have been. Whether it is of the kind that is wanted, its reader judges as it does
 * with JSON. Throws 400 for a message that cannot be read, EnvelopeError where there is none.
 */
export async function readProtobuf(bytes: Uint8Array, wanted: { readonly apiVersion: string; readonly kind: string }): Promise<Record<string, unknown>> {
  const envelope = openEnvelope(bytes)
  const kind = envelope.kind || wanted.kind
  const apiVersion = envelope.apiVersion || wanted.apiVersion
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const struct = await protobufStruct(apiVersion, kind)
  if (!struct) {
    const isWanted = kind === wanted.kind && apiVersion === wanted.apiVersion
    const why = isWanted ? noMessage : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`
    throw cannotBeHandled(new DecodeError(why), kind, version)
  }
  try {
    return { kind, apiVersion, ...decodeMessage(struct, envelope.raw) }
  } catch (error) {
    throw cannotBeHandled(error, kind, version)
  }
}
