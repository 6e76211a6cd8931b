import { malformedBootstrap } from './errors.ts';
import type { BrokerAddress } from './transport.ts';

const SERVER = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]/,]+)):(\d{1,5})$/u;

/** `bootstrap.servers`: `host:port` separated by commas, IPv6 in brackets. Reports all malformed entries. */
export function parseBootstrap(servers: string): BrokerAddress[] {
  const entries = servers
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const addresses: BrokerAddress[] = [];
  const malformed: string[] = [];
  for (const entry of entries) {
    const match = SERVER.exec(entry);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host === undefined || port < 1 || port > 65_535) malformed.push(entry);
    else addresses.push({ host, port });
  }
  if (malformed.length > 0 || addresses.length === 0) throw malformedBootstrap(servers, malformed);
  return addresses;
}
