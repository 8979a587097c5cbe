import type { CelEnvironment, CelType } from './contract'
import { createEnvironment } from './environment'
import { each } from './library/overload'
import { Quantity } from './library/quantity'
import { semverOf } from './library/semver'
import { objectType } from './object-type'
import { equal } from './runtime/compare'
import { fail } from './runtime/errors'

export interface DeviceFeatures {
  /** `DRAConsumableCapacity`: `device.allowMultipleAllocations`. */
  readonly consumableCapacity: boolean
  /** `DRAListTypeAttributes`: attributes that are lists, and `includes`. */
  readonly listAttributes: boolean
}

/** The most that a selector may cost, by estimate and when it is asked. */
export const selectorLimit = 1_000_000

const [longestDomain, longestId, longestDriver, longestValue, mostEntries, mostValues] = [63, 32, 63, 64, 32, 48]
const byDomain = (value: CelType): CelType => ({
  sort: 'map', key: { sort: 'string', max: longestDomain }, max: mostEntries, value: { sort: 'map', key: { sort: 'string', max: longestId }, value, max: mostEntries },
})

const includes = each('includes', {
  dra_includes_dyn_dyn: ['dyn.(dyn) -> bool', (target: unknown, value: unknown) => {
    if (!Array.isArray(target)) return equal(target, value)
    const at = target.findIndex((item) => equal(item, value))
    return at >= mostValues || (at < 0 && target.length > mostValues) ? fail(`'includes' function cannot be applied to lists longer than ${mostValues} values`) : at >= 0
  }],
})

const environments = new Map<string, CelEnvironment>()

/** The environment of device selectors (DeviceClass, ResourceClaim): `device.driver`, `device.attributes["dra.example.com"].model`. */
export function deviceEnvironment({ consumableCapacity, listAttributes }: DeviceFeatures): CelEnvironment {
  const key = `${consumableCapacity} ${listAttributes}`
  let found = environments.get(key)
  if (!found) {
    const device = objectType('kubernetes.DRADevice', {
      driver: { sort: 'string', max: longestDriver },
      attributes: byDomain({ sort: 'dyn', max: longestValue, any: true }),
      capacity: byDomain({ sort: 'opaque', name: 'kubernetes.Quantity' }),
      ...(consumableCapacity && { allowMultipleAllocations: { sort: 'bool', max: 1 } as const }),
    })
    found = createEnvironment({ device }, { bindings: true, functions: listAttributes ? [includes] : [] })
    environments.set(key, found)
  }
  return found
}

export interface SelectedDevice {
  readonly driver: string
  readonly allowMultipleAllocations?: boolean
  readonly attributes?: Readonly<Record<string, DeviceAttributeValue>>
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>
}

export interface DeviceAttributeValue {
  readonly int?: number
  readonly bool?: boolean
  readonly string?: string
  readonly version?: string
  readonly ints?: readonly number[]
  readonly bools?: readonly boolean[]
  readonly strings?: readonly string[]
  readonly versions?: readonly string[]
}

/** The value of `device`. Throws `CelError` for versions that are none. */
export function deviceValue({ driver, allowMultipleAllocations = false, attributes = {}, capacity = {} }: SelectedDevice): unknown {
  return {
    driver, allowMultipleAllocations,
    attributes: domains(driver, attributes, attributeValue),
    capacity: domains(driver, capacity, ({ value }) => new Quantity(value)),
  }
}

function attributeValue({ int, bool, string, version, ints, bools, strings, versions }: DeviceAttributeValue): unknown {
  const simple = ints ?? bools ?? strings ?? versions?.map((one) => semverOf(one)) ?? int ?? bool ?? string
  if (simple !== undefined) return simple
  return version === undefined ? fail('unsupported attribute value') : semverOf(version)
}

type Entry = readonly [key: string, value: unknown]

/** What is asked of a domain that a device does not know, is not there either. */
class Domains extends Map<string, Entry> {
  override get(domain: string): Entry {
    return super.get(domain) ?? [domain, new Map<string, Entry>()]
  }
}

/** Names without a domain are of the driver's own. */
function domains<T>(driver: string, named: Readonly<Record<string, T>>, valueOf: (value: T) => unknown): Domains {
  const found = new Domains()
  for (const [name, value] of Object.entries(named)) {
    const slash = name.indexOf('/')
    const [domain, id] = slash < 0 ? [driver, name] : [name.slice(0, slash), name.slice(slash + 1)]
    const [, within] = found.get(domain) as readonly [string, Map<string, Entry>]
    found.set(domain, [domain, within.set(id, [id, valueOf(value)])])
  }
  return found
}
