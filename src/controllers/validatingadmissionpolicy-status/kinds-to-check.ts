import type { NamedRuleWithOperations, ValidatingAdmissionPolicySpec } from '#api/admissionregistration/v1/types'
import type { DescribedKinds, GroupVersionKind } from './described-kinds'

const most = 10

/** The kinds that a policy names one by one, in the order of their names. What wildcards and subresources stand for is not checked. */
export async function kindsToCheck({ matchConstraints }: ValidatingAdmissionPolicySpec, kinds: DescribedKinds): Promise<GroupVersionKind[]> {
  const found = new Map<string, GroupVersionKind>()
  for (const rule of matchConstraints?.resourceRules ?? []) if ((await collect(rule, kinds, found)) >= most) break
  return [...found.values()].sort((a, b) => compare(a.group, b.group) || compare(a.version, b.version) || compare(a.kind, b.kind))
}

/** How many resources of a rule are served. */
async function collect(rule: NamedRuleWithOperations, kinds: DescribedKinds, found: Map<string, GroupVersionKind>): Promise<number> {
  const { apiGroups = [], apiVersions = [], resources = [] } = rule
  if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) return 0
  let count = 0
  for (const group of [...apiGroups].sort()) {
    for (const version of [...apiVersions].sort()) {
      for (const resource of resources.filter((name) => !/[*/]/.test(name)).sort()) {
        const kind = await kinds.kindOf(group, version, resource)
        if (!kind) continue
        found.set(`${kind.group}/${kind.version}/${kind.kind}`, kind)
        if (++count === most) return count
      }
    }
  }
  return count
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
