import { existsSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

/** Linux alone has it; elsewhere there are simulated nodes only. */
const routeTable = '/proc/net/route'

/** The IPv4 address of the interface that the default route leaves by; loopback on a machine without a network. */
export function nodeAddress(routes: string = existsSync(routeTable) ? readFileSync(routeTable, 'utf8') : ''): string {
  const device = routes
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, destination]) => destination === '00000000')?.[0]
  const interfaces = networkInterfaces()
  const usable = (name: string): string | undefined => interfaces[name]?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  const others = Object.keys(interfaces).filter((name) => !/^(cni|docker|veth|br-|virbr)/.test(name))
  return (device && usable(device)) ?? others.map(usable).find(Boolean) ?? '127.0.0.1'
}
