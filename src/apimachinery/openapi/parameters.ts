/** A query or path parameter of an OpenAPI v3 document. */
export interface OpenApiParameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly description: string
  readonly required?: true
  readonly schema: { readonly type: 'string' | 'integer' | 'boolean'; readonly uniqueItems: true }
}

const parameter = (name: string, type: 'string' | 'integer' | 'boolean', description: string): OpenApiParameter => ({ description, in: 'query', name, schema: { type, uniqueItems: true } })

const all = {
  allowWatchBookmarks: parameter('allowWatchBookmarks', 'boolean', 'A watch may also send BOOKMARK events, which carry nothing but a resourceVersion.'),
  continue: parameter('continue', 'string', 'The continue token of the page before.'),
  dryRun: parameter('dryRun', 'string', 'All: nothing is stored, everything else happens.'),
  fieldManager: parameter('fieldManager', 'string', 'Who writes, for managed fields: up to 128 printable characters. Apply needs it.'),
  fieldSelector: parameter('fieldSelector', 'string', 'Only objects whose fields have these values.'),
  fieldValidation: parameter('fieldValidation', 'string', 'What to do about unknown and duplicate fields: Ignore, Warn or Strict.'),
  force: parameter('force', 'boolean', 'Apply takes over fields that others own.'),
  gracePeriodSeconds: parameter('gracePeriodSeconds', 'integer', 'Seconds until the object is deleted; zero means at once.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: parameter('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'Deletes an object that cannot be read from the store, without its finalizers.'),
  labelSelector: parameter('labelSelector', 'string', 'Only objects with these labels.'),
  limit: parameter('limit', 'integer', 'At most so many objects; the rest follows with continue.'),
  orphanDependents: parameter('orphanDependents', 'boolean', 'Deprecated: see propagationPolicy.'),
  pretty: parameter('pretty', 'string', 'true: the answer is indented.'),
  propagationPolicy: parameter('propagationPolicy', 'string', 'What happens to dependents: Orphan, Background or Foreground.'),
  resourceVersion: parameter('resourceVersion', 'string', 'At which version to read, or from which to watch.'),
  resourceVersionMatch: parameter('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  sendInitialEvents: parameter('sendInitialEvents', 'boolean', 'A watch starts with all objects as ADDED events and a bookmark.'),
  shardSelector: parameter('shardSelector', 'string', 'Only objects of one shard.'),
  timeoutSeconds: parameter('timeoutSeconds', 'integer', 'After how many seconds a list or watch ends.'),
  watch: parameter('watch', 'boolean', 'Changes from now on instead of a list.'),
} as const
type Name = keyof typeof all

const pick = (...names: Name[]): OpenApiParameter[] => names.map((name) => all[name])

export const listParameters = pick(
  'allowWatchBookmarks', 'continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'shardSelector', 'timeoutSeconds', 'watch',
)
/** The watch paths have them at the path. */
export const watchParameters = [...listParameters.slice(0, 5), all.pretty, ...listParameters.slice(5)]
export const createParameters = pick('dryRun', 'fieldManager', 'fieldValidation')
export const patchParameters = pick('dryRun', 'fieldManager', 'fieldValidation', 'force')
export const deleteParameters = pick('dryRun', 'gracePeriodSeconds', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents', 'propagationPolicy')
export const deleteCollectionParameters = pick(
  'continue', 'dryRun', 'fieldSelector', 'gracePeriodSeconds', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'labelSelector', 'limit', 'orphanDependents', 'propagationPolicy', 'resourceVersion',
  'resourceVersionMatch', 'sendInitialEvents', 'shardSelector', 'timeoutSeconds',
)
export const prettyParameter = all.pretty

export const pathParameter = (name: string, description: string): OpenApiParameter => ({ description, in: 'path', name, required: true, schema: { type: 'string', uniqueItems: true } })

const streams = ['stderr', 'stdin', 'stdout', 'tty'].map((name) => parameter(name, 'boolean', `Whether ${name} is connected.`))
const container = parameter('container', 'string', 'Which container; the only one needs no name.')

/** What endpoints that are no objects take, by subresource. */
export const connectParameters: Readonly<Record<string, readonly OpenApiParameter[]>> = {
  attach: [container, ...streams],
  exec: [parameter('command', 'string', 'The program and its arguments; may be given several times.'), container, ...streams],
  portforward: [parameter('ports', 'integer', 'The ports, for WebSockets.')],
  proxy: [parameter('path', 'string', 'The path to ask for.')],
  log: [
    container,
    parameter('follow', 'boolean', 'Goes on as long as the container runs.'),
    parameter('insecureSkipTLSVerifyBackend', 'boolean', 'Does not check the certificate of the kubelet.'),
    parameter('limitBytes', 'integer', 'Ends after so many bytes.'),
    parameter('previous', 'boolean', 'Of the container before its last restart.'),
    parameter('sinceSeconds', 'integer', 'Only the last seconds.'),
    parameter('stream', 'string', 'All, Stdout or Stderr.'),
    parameter('tailLines', 'integer', 'Only the last lines.'),
    parameter('timestamps', 'boolean', 'Each line starts with its time.'),
  ],
}
