import { addQuantities, compareQuantities, formatQuantity, quantityAsNumber, QuantityError, quantityOf, quantitySign, readQuantity,
  subtractQuantities, type ReadQuantity } from '../../quantity'
import { fail } from '../runtime/errors'
import { double, int, Opaque } from '../runtime/values'
import { each, type FunctionDeclaration } from './overload'

type Int = number | bigint

export class Quantity extends Opaque {
  readonly typeName = 'kubernetes.Quantity'
  readonly text: string
  readonly read: ReadQuantity
  constructor(text: string) {
    super()
    this.text = text
    this.read = readQuantity(text)
  }
  equals(other: Opaque): boolean {
    return compareQuantities(this.text, (other as Quantity).text) === 0
  }
  override toString(): string {
    return formatQuantity(this.read.quantity)
  }
}

function parsed(text: string): Quantity | string {
  try {
    return new Quantity(text)
  } catch (error) {
    if (error instanceof QuantityError) return error.message
    throw error
  }
}

function quantityOfText(text: string): Quantity {
  const found = parsed(text)
  return typeof found === 'string' ? fail(found) : found
}

/** Undefined where the original does not hold it as an int64. */
function integer({ read: { quantity: { mantissa, scale }, small } }: Quantity): bigint | undefined {
  if (!small || scale < 0) return undefined
  const value = mantissa * 10n ** BigInt(scale)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

const asInteger = (quantity: Quantity): Int => int(integer(quantity) ?? fail('cannot convert value to integer'))
const whole = (value: Int): string => quantityOf(value, 'DecimalExponent')

export const quantities: readonly FunctionDeclaration[] = [
  each('quantity', { string_to_quantity: ['(string) -> kubernetes.Quantity', quantityOfText] }),
  each('isQuantity', { is_quantity_string: ['(string) -> bool', (text: string) => typeof parsed(text) !== 'string'] }),
  each('sign', { quantity_sign: ['(kubernetes.Quantity) -> int', ({ text }: Quantity) => quantitySign(text)] }),
  each('isGreaterThan', { quantity_is_greater_than: ['kubernetes.Quantity.(kubernetes.Quantity) -> bool', (a: Quantity, b: Quantity) => compareQuantities(a.text, b.text) > 0] }),
  each('isLessThan', { quantity_is_less_than: ['kubernetes.Quantity.(kubernetes.Quantity) -> bool', (a: Quantity, b: Quantity) => compareQuantities(a.text, b.text) < 0] }),
  each('compareTo', { quantity_compare_to: ['kubernetes.Quantity.(kubernetes.Quantity) -> int', (a: Quantity, b: Quantity) => compareQuantities(a.text, b.text)] }),
  each('asApproximateFloat', { quantity_get_float: ['kubernetes.Quantity.() -> double', ({ text }: Quantity) => double(quantityAsNumber(text))] }),
  each('asInteger', { quantity_get_int: ['kubernetes.Quantity.() -> int', asInteger] }),
  each('isInteger', { quantity_is_integer: ['kubernetes.Quantity.() -> bool', (quantity: Quantity) => integer(quantity) !== undefined] }),
  each('add', {
    quantity_add: ['kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(addQuantities(a.text, b.text))],
    quantity_add_int: ['kubernetes.Quantity.(int) -> kubernetes.Quantity', (a: Quantity, b: Int) => new Quantity(addQuantities(a.text, whole(b)))],
  }),
  each('sub', {
    quantity_sub: ['kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(subtractQuantities(a.text, b.text))],
    quantity_sub_int: ['kubernetes.Quantity.(int) -> kubernetes.Quantity', (a: Quantity, b: Int) => new Quantity(subtractQuantities(a.text, whole(b)))],
  }),
]
