import type { BrokerCore } from '../core.ts';
import { ConnectionLimits, parseIpOverrides } from './connection-limits.ts';

const SECOND_MS = 1000;

/** The bounds of connections as the settings and quotas want them. */
export function openLimits({ settings, quotas, clock }: BrokerCore): ConnectionLimits {
  const { values } = settings;
  return new ConnectionLimits({
    connectionsMax: values['max.connections'],
    perIpMax: values['max.connections.per.ip'],
    perIpOverrides:
      parseIpOverrides(values['max.connections.per.ip.overrides']) ?? new Map<string, number>(),
    ratePerSecond: values['max.connection.creation.rate'],
    windows: {
      count: values['quota.window.num'],
      sizeMs: values['quota.window.size.seconds'] * SECOND_MS,
    },
    ipRate: (ip) => quotas.table.findForIp(ip),
    nowMs: () => clock.monotonicMs(),
  });
}
