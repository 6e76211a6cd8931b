import { resolveConfig } from '@millrace/config';
import type { ComponentConfig, ConverterRole } from '@millrace/connector-api';
import { systemClock, systemRandom } from '@millrace/foundation';
import { openRegistryClient, type RegistryClientPorts } from '@millrace/schema-registry';
import { dataFields, registryConverterFields } from './registry-fields.ts';
import { RegistryConverter } from './registry-converter.ts';
import type { RegistryFormat } from './registry-format.ts';
import { strategyOf } from './subject-names.ts';

/** What a converter with a registry takes from outside: the time, chance, and the way to the registry. */
export type RegistryPorts = RegistryClientPorts;

export const systemPorts: RegistryPorts = { clock: systemClock, random: systemRandom };

export function openRegistryConverter(
  format: RegistryFormat,
  config: ComponentConfig,
  role: ConverterRole,
  ports: RegistryPorts,
): RegistryConverter {
  const resolved = resolveConfig(
    { ...registryConverterFields, ...dataFields },
    config,
    `${format.name} converter configuration`,
  );
  const strategy = strategyOf(
    role === 'key'
      ? resolved['key.subject.name.strategy']
      : resolved['value.subject.name.strategy'],
  );
  const ttlSeconds = resolved['latest.cache.ttl.sec'];
  return new RegistryConverter({
    format,
    client: openRegistryClient(config, ports),
    role,
    clock: ports.clock,
    strategy: strategy ?? 'topic',
    autoRegisters: resolved['auto.register.schemas'],
    usesLatest: resolved['use.latest.version'],
    latestTtlMs: ttlSeconds < 0 ? Infinity : ttlSeconds * 1000,
    schemaId: resolved['use.schema.id'],
    normalizes: resolved['normalize.schemas'],
    cacheEntriesMax: resolved['schemas.cache.config'],
  });
}
