import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/**
 * Whether only this machine reaches the address. A name other than localhost may lead anywhere, today or tomorrow,
 * and an empty one is all addresses: both are not.
 */
export function isLoopback(host: string): boolean {
  const kind = isIP(host);
  if (kind === 0) return /^(?:[a-z0-9-]+\.)*localhost\.?$/i.test(host);
  return LOOPBACK.check(host, kind === 4 ? 'ipv4' : 'ipv6');
}
