import type { BrokerCore } from '../core.ts';
import {
  ConnectionLimits,
  parseIpOverrides,
  type ConnectionBounds,
  type ListenerLimits,
} from './connection-limits.ts';

const SECOND_MS = 1000;
const NO_OVERRIDES: ReadonlyMap<string, number> = new Map();

/** The bounds of connections as the settings and quotas want them. */
export function openLimits(core: BrokerCore): ConnectionLimits {
  const { quotas, clock } = core;
  const { values } = core.settings;
  return new ConnectionLimits({
    bounds: () => boundsOf(core),
    windows: {
      count: values['quota.window.num'],
      sizeMs: values['quota.window.size.seconds'] * SECOND_MS,
    },
    ipRate: (ip) => quotas.table.findForIp(ip),
    nowMs: () => clock.monotonicMs(),
  });
}

function boundsOf({ settings: { values } }: BrokerCore): ConnectionBounds {
  const overrides = values['max.connections.per.ip.overrides'];
  return {
    connectionsMax: values['max.connections'],
    perIpMax: values['max.connections.per.ip'],
    perIpOverrides: overrides === '' ? NO_OVERRIDES : (parseIpOverrides(overrides) ?? NO_OVERRIDES),
    ratePerSecond: values['max.connection.creation.rate'],
  };
}

export function listenerLimitsOf({ settings }: BrokerCore, name: string): ListenerLimits {
  const values = settings.listeners.find((listener) => listener.name === name)?.values;
  return {
    connectionsMax: values?.['max.connections'] ?? settings.values['max.connections'],
    ratePerSecond:
      values?.['max.connection.creation.rate'] ?? settings.values['max.connection.creation.rate'],
  };
}
