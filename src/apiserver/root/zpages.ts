import { ApiError } from '#apimachinery/api-error'
import { encodeYaml } from '#apimachinery/codec/yaml'
import type { Clock } from '#base/clock'
import type { Exchange, Result } from '../exchange'
import type { RootEndpoint } from './root'
import { versionInfo } from './version'

const component = 'apiserver'
const group = 'config.k8s.io'
const versions = ['v1alpha1', 'v1beta1']
/** Nobody is to rely on the text: what stands between name and value is thrown anew each time, as in the original. */
const delimiters = [':', ': ', '=', ' ']

export interface ZpagesDeps {
  readonly clock: Clock
  /** Flags by name, as they were given or are by default; absent: nobody knows them. */
  readonly flags?: Readonly<Record<string, string>> | undefined
  /** All paths of the server. */
  readonly paths: () => readonly string[]
  readonly enabled: (gate: string) => boolean
}

/** `/statusz` and `/flagz`: how the server runs, for people, and in a form of their own for programs. */
export function zpages({ clock, flags, paths, enabled }: ZpagesDeps): RootEndpoint[] {
  const started = clock.now()
  const pages: RootEndpoint[] = []
  if (enabled('ComponentStatusz')) {
    pages.push(page('/statusz', 'Statusz', () => statusz(started, clock.now(), paths()), (delimiter) => statuszText(started, clock.now(), paths(), delimiter)))
  }
  if (enabled('ComponentFlagz') && flags) {
    const names = Object.keys(flags).sort()
    pages.push(page('/flagz', 'Flagz', () => ({ flags }), (delimiter) => names.map((name) => `${name}${delimiter}${flags[name]}\n`).join('')))
  }
  return pages
}

function page(path: string, kind: string, fields: () => object, text: (delimiter: string) => string): RootEndpoint {
  return {
    path,
    async serve(exchange) {
      const wanted = formOf(exchange, kind)
      if (wanted.type === 'text') {
        const head = `\n${component} ${path.slice(1)}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n`
        return bytes('text/plain; charset=utf-8', head + text(delimiters[Math.floor(Math.random() * delimiters.length)]!))
      }
      if (wanted.version === 'v1alpha1') exchange.warnings.push(`This version of the ${path.slice(1)} endpoint is deprecated. Please use a newer version.`)
      const object = { kind, apiVersion: `${group}/${wanted.version}`, metadata: { name: component }, ...fields() }
      return wanted.type === 'json' ? bytes('application/json', JSON.stringify(object)) : bytes('application/yaml', await encodeYaml(object))
    },
  }
}

const bytes = (contentType: string, text: string): Result => ({ sort: 'bytes', code: 200, contentType, bytes: text })

type Wanted = { readonly type: 'text' } | { readonly type: 'json' | 'yaml'; readonly version: string }

/** Text for whoever asks for nothing else; structured forms only for those who name the kind and its version. */
function formOf({ headers }: Exchange, kind: string): Wanted {
  const accept = String(headers.accept ?? '').trim()
  if (accept === '') return { type: 'text' }
  const clauses = accept.split(',').map((clause) => {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const given = new Map(parameters.map((parameter) => parameter.split('=', 2).map((part) => part.trim()) as [string, string]))
    return { type, given, q: Number(given.get('q') ?? 1) }
  })
  for (const { type, given } of clauses.sort((a, b) => b.q - a.q)) {
    const named = given.get('as') === kind && given.get('g') === group && versions.includes(given.get('v') ?? '')
    if (['text/plain', 'text/*', '*/*'].includes(type) && !given.has('as')) return { type: 'text' }
    if (named && ['application/json', 'application/*', '*/*'].includes(type)) return { type: 'json', version: given.get('v')! }
    if (named && type === 'application/yaml') return { type: 'yaml', version: given.get('v')! }
  }
  throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, text/plain')
}

const nothingToDebug = new Set(['/apis', '/api', '/openid', '/openapi', '/.well-known'])
const folders = (paths: readonly string[]): string[] => [...new Set(paths.map((path) => `/${path.split('/')[1] ?? ''}`))].filter((path) => path !== '/' && !nothingToDebug.has(path)).sort()

function statusz(started: number, now: number, paths: readonly string[]): object {
  const { goVersion, major, minor } = versionInfo()
  return {
    startTime: `${new Date(started).toISOString().slice(0, 19)}Z`, uptimeSeconds: Math.max(0, Math.floor((now - started) / 1000)), goVersion,
    binaryVersion: `${major}.${minor}`, emulationVersion: `${major}.${minor}`, paths: folders(paths),
  }
}

function statuszText(started: number, now: number, paths: readonly string[], delimiter: string): string {
  const { goVersion, major, minor } = versionInfo()
  const seconds = Math.max(0, Math.floor((now - started) / 1000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const lines = [
    ['Started', unixDate(new Date(started))], ['Up', `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`],
    ['Go version', goVersion], ['Binary version', `${major}.${minor}`], ['Emulation version', `${major}.${minor}`], ['Paths', folders(paths).join(' ')],
  ]
  return `\n${lines.map(([name, value]) => `${name}${delimiter} ${value}\n`).join('')}`
}

/** `Tue Nov 24 00:43:11 UTC 2026` */
function unixDate(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`
}
