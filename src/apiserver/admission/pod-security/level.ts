import type { FieldErrors } from '#apimachinery/field-errors'

export type Level = 'privileged' | 'baseline' | 'restricted'
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']
/** The version of the checks that `latest` means. */
export const newest = 36

export interface LevelVersion {
  readonly level: Level
  /** Minor version; undefined: the latest. */
  readonly minor: number | undefined
}

/** What a namespace asks for, by its labels `pod-security.kubernetes.io/...`. */
export interface Policy {
  readonly enforce: LevelVersion
  readonly warn: LevelVersion
  readonly audit: LevelVersion
}

/** What stands in for labels that a namespace does not have: `--admission-control-config-file`. */
export type PodSecurityDefaults = { readonly [mode in 'enforce' | 'audit' | 'warn']?: Level } & { readonly [mode in 'enforce-version' | 'audit-version' | 'warn-version']?: string }

export const minorOf = ({ minor }: LevelVersion): number => Math.min(minor ?? newest, newest)
/** `baseline:latest`, `restricted:v1.30` */
export const showLevel = ({ level, minor }: LevelVersion): string => `${level}:${minor === undefined ? 'latest' : `v1.${minor}`}`
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b)

/**
 * Reads the labels; what is not given is privileged. A level to enforce that cannot be read counts as the strictest, one to
 * warn of as none. `errors` stands at `metadata.labels`.
 */
export function readPolicy(labels: Readonly<Record<string, string>> = {}, defaults: PodSecurityDefaults = {}, errors?: FieldErrors): Policy {
  const read = (mode: 'enforce' | 'audit' | 'warn', otherwise: Level): { level: Level | undefined; minor: number | undefined; hasVersion: boolean } => {
    const name = `pod-security.kubernetes.io/${mode}`
    const [level, version] = [labels[name] ?? defaults[mode], labels[`${name}-version`] ?? defaults[`${mode}-version`]]
    const known = level === undefined || levels.includes(level)
    if (!known) errors?.key(name).invalid(level, `must be one of ${levels.join(', ')}`)
    const parsed = version === undefined || version === 'latest' ? undefined : /^v1\.([0-9]|[1-9][0-9]+)$/.exec(version)
    if (parsed === null) errors?.key(`${name}-version`).invalid(version, 'must be "latest" or "v1.x"')
    return { level: known ? (level as Level | undefined) : otherwise, minor: parsed ? Number(parsed[1]) : undefined, hasVersion: version !== undefined }
  }
  const enforce = read('enforce', 'restricted')
  const warn = read('warn', 'privileged')
  const audit = read('audit', 'privileged')
  const given = labels['pod-security.kubernetes.io/enforce']
  const enforced: LevelVersion = { level: enforce.level ?? 'privileged', minor: enforce.minor }
  // Who enforces a level wants to hear of the templates that break it.
  const follows = warn.level === undefined && given !== undefined && levels.includes(given)
  return {
    enforce: enforced, audit: { level: audit.level ?? 'privileged', minor: audit.minor },
    warn: follows ? { level: enforced.level, minor: warn.hasVersion ? warn.minor : enforced.minor } : { level: warn.level ?? 'privileged', minor: warn.minor },
  }
}
