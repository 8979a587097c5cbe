import type { DeviceClass, DeviceRequest, DeviceSelector } from '#api/resource/v1/types'
import { semanticallyEqual } from '#api/semantic-equality'
import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import type { WriteRequest } from '../../registry/write'
import type { Rest } from '../rest'

/** Those that are longer are refused for that alone. */
const longest = 10 * 1024

/** Expressions of device classes are compiled when they are written, by a compiler that is loaded for them. */
export const deviceClassRest: Rest<DeviceClass> = {
  group: 'resource.k8s.io', resource: 'deviceclasses',
  check: ({ spec: { selectors } }, old, request, errors) =>
    (old && semanticallyEqual(selectors, old.spec.selectors) ? undefined : checkSelectors([[selectors, errors.at('spec', 'selectors')]], request)),
}

/** The same for the requests of claims, whose selectors do not change. */
export function checkRequested(requests: readonly DeviceRequest[] | null | undefined, request: WriteRequest, errors: FieldErrors): void | Promise<void> {
  return checkSelectors((requests ?? []).flatMap(({ exactly, firstAvailable }, i) => {
    const at = errors.at(i)
    return [
      [exactly?.selectors, at.at('exactly', 'selectors')] as const,
      ...(firstAvailable ?? []).map(({ selectors }, j) => [selectors, at.at('firstAvailable', j, 'selectors')] as const),
    ]
  }), request)
}

function checkSelectors(places: readonly (readonly [selectors: readonly DeviceSelector[] | undefined, errors: FieldErrors])[], request: WriteRequest): void | Promise<void> {
  const expressions = places.flatMap(([selectors, errors]) => (selectors ?? []).map(({ cel }, i) => [cel?.expression, errors.at(i, 'cel', 'expression')] as const))
    .filter(([expression]) => expression !== undefined && byteLength(expression) <= longest)
  if (expressions.length === 0) return
  return compile(expressions as [string, FieldErrors][], request)
}

async function compile(expressions: readonly (readonly [string, FieldErrors])[], request: WriteRequest): Promise<void> {
  const [{ deviceEnvironment, selectorLimit }, { CelCompileError }, { declaredText }] = await Promise.all([
    import('#apimachinery/cel/device-environment'), import('#apimachinery/cel/syntax/errors'), import('#apimachinery/cel/check/types'),
  ])
  const environment = deviceEnvironment({ consumableCapacity: request.enabled('DRAConsumableCapacity'), listAttributes: request.enabled('DRAListTypeAttributes') })
  for (const [expression, errors] of expressions) {
    try {
      const { type, worstCost } = environment.compile(expression)
      const open = type.sort === 'dyn' && (type.any === true || request.enabled('DRAListTypeAttributes'))
      if (type.sort !== 'bool' && !open) errors.invalid(expression, `must evaluate to bool or the unknown type, not ${declaredText(type)}`)
      else if (worstCost > selectorLimit) errors.forbidden('too complex, exceeds cost limit')
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error
      if (error.phase === 'program') errors.internal(`program instantiation failed: ${error.message}`)
      else errors.invalid(expression, `compilation failed: ${error.message}`)
    }
  }
}
