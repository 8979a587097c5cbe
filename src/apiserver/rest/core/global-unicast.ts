import { BlockList, isIP } from 'node:net'

const others = new BlockList()
others.addAddress('0.0.0.0')
others.addAddress('255.255.255.255')
others.addSubnet('127.0.0.0', 8)
others.addSubnet('169.254.0.0', 16)
others.addSubnet('224.0.0.0', 4)
others.addAddress('::', 'ipv6')
others.addAddress('::1', 'ipv6')
others.addSubnet('fe80::', 10, 'ipv6')
others.addSubnet('ff00::', 8, 'ipv6')

/** An address of one machine that is not this one's alone: proxies lead nowhere else, so that they open no way into the API server's own machine. */
export function isGlobalUnicast(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !others.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
