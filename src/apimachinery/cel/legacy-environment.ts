import { Environment, Optional } from '@marcbachmann/cel-js'
import { addQuantities, compareQuantities, isQuantity, parseQuantity, quantityAsNumber, quantitySign, subtractQuantities } from '../quantity'
import { goPattern } from '../schema/validation/go-pattern'
import { sameJson } from '../schema/validation/same-json'

/** A quantity as rules see it. */
class Quantity {
  readonly text: string
  constructor(text: string) {
    parseQuantity(text)
    this.text = text
  }
}

/** What Kubernetes adds to the language for rules of custom resources: quantities, and more on texts and lists. */
export function kubernetesEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerVariable('self', 'dyn').registerVariable('oldSelf', 'dyn')
    .registerType('kubernetes.Quantity', Quantity)
  const add = (signature: string, handler: (...values: never[]) => unknown): void => void environment.registerFunction(signature, handler)

  add('quantity(dyn): kubernetes.Quantity', (text: string) => new Quantity(text))
  add('isQuantity(dyn): bool', (text: unknown) => typeof text === 'string' && isQuantity(text))
  add('kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => compareQuantities(a.text, b.text) < 0)
  add('kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => compareQuantities(a.text, b.text) > 0)
  add('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) => BigInt(Math.sign(compareQuantities(a.text, b.text))))
  add('kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(addQuantities(a.text, b.text)))
  add('kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(subtractQuantities(a.text, b.text)))
  add('kubernetes.Quantity.sign(): int', (a: Quantity) => BigInt(quantitySign(a.text)))
  add('kubernetes.Quantity.isInteger(): bool', (a: Quantity) => Number.isSafeInteger(quantityAsNumber(a.text)))
  add('kubernetes.Quantity.asInteger(): int', (a: Quantity) => BigInt(quantityAsNumber(a.text)))
  add('kubernetes.Quantity.asApproximateFloat(): double', (a: Quantity) => quantityAsNumber(a.text))

  add('string.find(string): string', (text: string, pattern: string) => goPattern(pattern).exec(text)?.[0] ?? '')
  add('string.findAll(string): list<string>', (text: string, pattern: string) => text.match(new RegExp(goPattern(pattern), 'g')) ?? [])

  add('list.isSorted(): bool', (list: (number | bigint | string)[]) => list.every((item, i) => i === 0 || list[i - 1]! <= item))
  add('list.min(): dyn', (list: (number | bigint | string)[]) => list.reduce((a, b) => (b < a ? b : a)))
  add('list.max(): dyn', (list: (number | bigint | string)[]) => list.reduce((a, b) => (b > a ? b : a)))
  add('list.sum(): dyn', (list: (number | bigint)[]) => list.reduce((a, b) => ((a as number) + (b as number)) as number | bigint, typeof list[0] === 'number' ? 0 : 0n))
  add('list.indexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.findIndex((one) => sameJson(one, item))))
  add('list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.findLastIndex((one) => sameJson(one, item))))
  return environment
}

export { Optional }
