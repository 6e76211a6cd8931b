import { isIP } from 'node:net';
import type { QuotaEntityPart } from '../metadata/security-image.ts';

const TYPES: ReadonlySet<string> = new Set(['user', 'client-id', 'ip']);
const FRACTIONAL: ReadonlySet<string> = new Set(['request_percentage', 'controller_mutation_rate']);
const CLIENT_KEYS: ReadonlySet<string> = new Set([
  'producer_byte_rate',
  'consumer_byte_rate',
  ...FRACTIONAL,
]);
const INT_MAX = 2_147_483_647;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Why there can be no such entity, in Kafka's words; undefined when there can. */
export function findEntityProblem(entity: readonly QuotaEntityPart[]): string | undefined {
  if (entity.length === 0) return 'Invalid empty client quota entity';
  const types = entity.map(({ entityType }) => entityType);
  const unknown = types.find((type) => !TYPES.has(type));
  if (unknown !== undefined) return `Unhandled client quota entity type: ${unknown}`;
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) return `Invalid client quota entity, duplicate entity entry ${twice}`;
  if (entity.some(({ entityName }) => entityName === ''))
    return `Empty ${types[0] ?? ''} not supported`;
  if (!types.includes('ip')) return undefined;
  if (types.length > 1)
    return 'Invalid quota entity combination, IP entity should not be combined with User or ClientId';
  const ip = entity[0]?.entityName ?? null;
  return ip === null || isIP(ip) !== 0 || HOST_NAME.test(ip)
    ? undefined
    : `${ip} is not a valid IP or resolvable host.`;
}

export function findQuotaProblem(
  entity: readonly QuotaEntityPart[],
  key: string,
  value: number,
): string | undefined {
  const isOfIp = entity.some(({ entityType }) => entityType === 'ip');
  const isKnown = isOfIp ? key === 'connection_creation_rate' : CLIENT_KEYS.has(key);
  if (!isKnown) return `Invalid configuration key ${key}`;
  if (!(value > 0)) return `Quota ${key} must be greater than 0`;
  if (FRACTIONAL.has(key)) return undefined;
  if (isOfIp && value > INT_MAX) return `Proposed value for ${key} is too large for an INT.`;
  if (value > 2 ** 63) return `Proposed value for ${key} is too large for a LONG.`;
  return Math.abs(value % 1) > 1e-6 ? `${key} cannot be a fractional value.` : undefined;
}

/** The parts of an entity as Kafka answers them, whatever order they were asked in: tests of clients rely on it. */
export function inKafkasOrder(entity: readonly QuotaEntityPart[]): QuotaEntityPart[] {
  return [...entity].sort((a, b) => (a.entityType < b.entityType ? -1 : 1));
}
