import { badRequest, invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import { integer } from '../../registry/list-options'

const passedOn = ['follow', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes', 'stream']
const streams = ['All', 'Stderr', 'Stdout']

/** What the kubelet is asked. Throws 400 for what cannot be read, 422 for what makes no sense. */
export function readLogOptions(query: URLSearchParams, podName: string): URLSearchParams {
  const errors = new FieldErrors()
  const tailLines = integer(query, 'tailLines')
  const limitBytes = integer(query, 'limitBytes')
  const sinceSeconds = integer(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime') ?? ''
  const stream = query.get('stream') ?? 'All'
  if (sinceTime !== '' && Number.isNaN(Date.parse(sinceTime))) throw badRequest(`parsing time ${JSON.stringify(sinceTime)}: it is no time such as 2006-01-02T15:04:05Z`)
  if (tailLines !== undefined && tailLines < 0) errors.at('tailLines').invalid(tailLines, 'must be greater than or equal to 0')
  if (limitBytes !== undefined && limitBytes < 1) errors.at('limitBytes').invalid(limitBytes, 'must be greater than 0')
  if (sinceSeconds !== undefined && sinceTime !== '') errors.at('').forbidden('at most one of `sinceTime` or `sinceSeconds` may be specified')
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.at('sinceSeconds').invalid(sinceSeconds, 'must be greater than 0')
  if (!streams.includes(stream)) errors.at('stream').notSupported(stream, streams)
  if (stream !== 'All' && tailLines !== undefined) errors.at('').forbidden('`tailLines` and specific `stream` are mutually exclusive for now')
  if (errors.any) throw invalid({ kind: 'PodLogOptions' }, podName, errors.all)

  const wanted = new URLSearchParams()
  for (const option of passedOn) {
    const value = query.get(option)
    if (value !== null && value !== '') wanted.set(option, value)
  }
  return wanted
}
