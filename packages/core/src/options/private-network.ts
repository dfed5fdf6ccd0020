import { BlockList, isIP } from 'node:net'

const privateAddresses = new BlockList()
// RFC 1918, and link-local (RFC 3927).
privateAddresses.addSubnet('10.0.0.0', 8)
privateAddresses.addSubnet('172.16.0.0', 12)
privateAddresses.addSubnet('192.168.0.0', 16)
privateAddresses.addSubnet('169.254.0.0', 16)
// Unique local (RFC 4193), and link-local (RFC 4291 §2.5.6).
privateAddresses.addSubnet('fc00::', 7, 'ipv6')
privateAddresses.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whether a host can be on a private network only: an address of one, a name without a dot (a container, a host of the
 * local network), or a name below a domain that public DNS does not have: `.internal` (`host.docker.internal`), `.local`
 * (RFC 6762; `svc.cluster.local` too), `.test` (RFC 6761), `.home.arpa` (RFC 8375).
 *
 * @param hostname as `URL` has it: in lower case, an IPv6 address in brackets
 */
export function isPrivateNetworkHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family !== 0) return privateAddresses.check(address, family === 6 ? 'ipv6' : 'ipv4')
  return /^[\w-]+$/.test(hostname) || /^.+\.(?:internal|local|test|home\.arpa)$/.test(hostname)
}
