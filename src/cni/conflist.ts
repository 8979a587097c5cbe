export interface NetworkOptions {
  /** This node's share of the cluster's pod addresses: `10.244.0.0/24`. */
  podCIDR: string
  bridge: string
  /** Where host-local keeps which address is whose. */
  ipamDir: string
  mtu?: number
}

/** The CNI configuration of a node on its own: a bridge, addresses from the node's range, and host ports. */
export function conflistOf({ podCIDR, bridge, ipamDir, mtu }: NetworkOptions): string {
  const config = {
    // 0.4.0 is what every containerd and plugin in use speaks; CHECK needs it.
    cniVersion: '0.4.0',
    name: 'navarch',
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        // One rule for all pods does it (`masquerade.ts`); the plugin would run iptables a dozen times for each.
        ipMasq: false,
        // A pod may reach itself through its Service.
        hairpinMode: true,
        ...(mtu ? { mtu } : {}),
        ipam: { type: 'host-local', dataDir: ipamDir, ranges: [[{ subnet: podCIDR }]], routes: [{ dst: podCIDR.includes(':') ? '::/0' : '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
