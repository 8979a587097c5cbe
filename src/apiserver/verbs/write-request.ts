import { invalid } from '#apimachinery/api-error'
import { managerName } from '#apimachinery/apply/manager-name'
import { FieldErrors } from '#apimachinery/field-errors'
import type { Exchange } from '../exchange'
import type { Kind } from '../kinds'
import type { Registry } from '../registry/registry'
import { rfc3339, type WriteRequest } from '../registry/write'

/** Clients are few and say the same each time. */
const managers = new Map<string, string>()

function managerOf(agent: string): string {
  let name = managers.get(agent)
  if (name === undefined) {
    name = managerName('', agent)
    if (managers.size < 1000) managers.set(agent, name)
  }
  return name
}

const kindsOfOptions = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions', delete: 'DeleteOptions' } as const

/** Reads what a write's query and headers say. Throws 422 for values that make no sense. */
export function writeRequest(exchange: Exchange, kind: Kind, { clock, gates }: Pick<Registry, 'clock' | 'gates'>, verb: keyof typeof kindsOfOptions): WriteRequest {
  const { info, headers, warnings } = exchange
  const { query } = info
  const empty = query.size === 0
  const dryRun = empty ? [] : query.getAll('dryRun').filter((value) => value !== '')
  const fieldManager = empty ? '' : (query.get('fieldManager') ?? '')
  const fieldValidation = empty ? '' : (query.get('fieldValidation') ?? '')
  if (!empty) validate(kindsOfOptions[verb], dryRun, fieldManager, fieldValidation)
  const agent = headers['user-agent']
  return {
    kind,
    namespace: info.namespace,
    name: info.name,
    subresource: info.subresource,
    user: exchange.user,
    manager: fieldManager || managerOf(typeof agent === 'string' ? agent : ''),
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as 'Ignore' | 'Warn' | 'Strict'),
    now: rfc3339(clock.now()),
    enabled: gates.enabled,
    apiVersion: kind.apiVersion,
    options: {
      kind: kindsOfOptions[verb], apiVersion: 'meta.k8s.io/v1',
      ...(dryRun.length > 0 ? { dryRun } : {}), ...(fieldManager ? { fieldManager } : {}), ...(fieldValidation ? { fieldValidation } : {}),
    },
    warn: (text) => {
      if (!warnings.includes(text)) warnings.push(text)
    },
    annotate: (key, value) => exchange.audit?.annotate(key, value),
  }
}

function validate(kind: string, dryRun: readonly string[], fieldManager: string, fieldValidation: string): void {
  const errors = new FieldErrors()
  for (const value of dryRun) {
    if (value !== 'All') {
      errors.at('dryRun').notSupported(dryRun, ['All'])
      break
    }
  }
  if (fieldManager.length > 128) errors.at('fieldManager').tooLong(128)
  const strange = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(fieldManager)
  if (strange) {
    const place = new TextEncoder().encode(fieldManager.slice(0, strange.index)).length
    const code = strange[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    errors.at('fieldManager').invalid(fieldManager, `invalid character U+${code} (at position ${place})`)
  }
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.at('fieldValidation').notSupported(fieldValidation, ['', 'Ignore', 'Strict', 'Warn'])
  }
  if (errors.any) throw invalid({ group: 'meta.k8s.io', kind }, '', errors.all)
}
