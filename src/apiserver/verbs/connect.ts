import type { KubeObject } from '#apimachinery/object'
import type { RestSubresource } from '#apimachinery/resource'
import type { Exchange } from '../exchange'
import { isOn } from '../request-path'

/** Whether a subresource is a connection to something: exec, attach, portforward, proxies. */
export const isConnection = ({ gvk }: RestSubresource): boolean => gvk.kind.endsWith('Options')

/** What a connection was asked with, as an object of the API: what admission sees. */
export function connectOptions({ gvk: { version, kind } }: RestSubresource, { info: { query, rest } }: Exchange): KubeObject {
  const options: Record<string, unknown> = { kind, apiVersion: version }
  if (kind.endsWith('ProxyOptions')) {
    if (rest !== '') options['path'] = `/${rest}`
    return options as unknown as KubeObject
  }
  for (const flag of ['stdin', 'stdout', 'stderr', 'tty']) if (isOn(query, flag)) options[flag] = true
  const container = query.get('container')
  if (container) options['container'] = container
  const [command, ports] = [query.getAll('command'), query.getAll('ports')]
  if (command.length > 0) options['command'] = command
  if (ports.length > 0) options['ports'] = ports.map(Number)
  return options as unknown as KubeObject
}
