import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { eachOf } from '../../bounded-lists'
import type { DeviceSelector } from './types'

const longestExpression = 10 * 1024

/** `stored`: the expressions were accepted before. */
export function validateSelectors(errors: FieldErrors, selectors: readonly DeviceSelector[] | undefined, _stored: boolean): void {
  eachOf(errors, selectors, 32, ({ cel }, at) => {
    if (!cel) return at.at('cel').required()
    if (byteLength(cel.expression) > longestExpression) at.at('cel', 'expression').tooLong(longestExpression)
  })
}
