import type { Struct } from '#apimachinery/schema/schema'
import { internalPodForm } from '#api/core/v1/internal-pod-form'
import type { PodSpec, PodTemplateSpec } from '#api/core/v1/types'

let structs: Readonly<Record<string, Struct>> | undefined

/** The schema tables; whoever asks what a job looks like has loaded them, since it was decoded with them. */
export async function loadTypes(): Promise<{ structs: Readonly<Record<string, Struct>> }> {
  const types = await import('./types.gen')
  structs = types.structs
  return types
}

/** As the original prints a job's template, or the spec in it. */
export const internalTemplate = (template: PodTemplateSpec): object => internalPart([], template)
export const internalTemplateSpec = (spec: PodSpec): object => internalPart(['spec'], spec)

function internalPart(path: readonly string[], value: object): object {
  let struct = structs?.['JobSpec']
  for (const name of ['template', ...path]) struct = struct?.fields.get(name)?.schema as Struct | undefined
  return struct ? internalPodForm(struct, value as Readonly<Record<string, unknown>>) : value
}
