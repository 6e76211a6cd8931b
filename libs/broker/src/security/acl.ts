import type { AccessControlEntry } from '../metadata/security-image.ts';

/** Kafka's numbers. 0 is unknown, 1 is any (in filters only). */
export const AclOperation = {
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

export const AclResource = {
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

export const AclPattern = { ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const;
export const AclPermission = { ANY: 1, DENY: 2, ALLOW: 3 } as const;

/** The one name that the cluster has among resources. */
export const CLUSTER_NAME = 'kafka-cluster';
export const WILDCARD = '*';
export const EVERYBODY = 'User:*';

const O = AclOperation;

/** Who may do one of the latter may also do the former. Only allowing implies, denying does not. */
const IMPLIED_BY: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [O.DESCRIBE, new Set<number>([O.READ, O.WRITE, O.DELETE, O.ALTER])],
  [O.DESCRIBE_CONFIGS, new Set<number>([O.ALTER_CONFIGS])],
]);

/** The operations that make sense for a kind of resource: what `authorizedOperations` speaks about. */
export const SUPPORTED_OPERATIONS: ReadonlyMap<number, readonly number[]> = new Map([
  [
    AclResource.TOPIC,
    [O.READ, O.WRITE, O.CREATE, O.DESCRIBE, O.DELETE, O.ALTER, O.DESCRIBE_CONFIGS, O.ALTER_CONFIGS],
  ],
  [AclResource.GROUP, [O.READ, O.DESCRIBE, O.DELETE, O.DESCRIBE_CONFIGS, O.ALTER_CONFIGS]],
  [
    AclResource.CLUSTER,
    [
      O.CREATE,
      O.CLUSTER_ACTION,
      O.DESCRIBE_CONFIGS,
      O.ALTER_CONFIGS,
      O.ALTER,
      O.DESCRIBE,
      O.IDEMPOTENT_WRITE,
    ],
  ],
  [AclResource.TRANSACTIONAL_ID, [O.DESCRIBE, O.WRITE, O.TWO_PHASE_COMMIT]],
  [AclResource.DELEGATION_TOKEN, [O.DESCRIBE]],
  [AclResource.USER, [O.CREATE_TOKENS, O.DESCRIBE_TOKENS]],
]);

/** Whether an entry speaks of this principal, formatted, at this address. */
export function isAbout(entry: AccessControlEntry, principal: string, host: string): boolean {
  return (
    (entry.principal === principal || entry.principal === EVERYBODY) &&
    (entry.host === host || entry.host === WILDCARD)
  );
}

export function covers(entry: AccessControlEntry, operation: number): boolean {
  if (entry.operation === operation || entry.operation === O.ALL) return true;
  return (
    entry.permissionType === AclPermission.ALLOW &&
    IMPLIED_BY.get(operation)?.has(entry.operation) === true
  );
}

/** A question about entries; null and ANY take everything. */
export interface AclFilter {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export function isWanted(entry: AccessControlEntry, filter: AclFilter): boolean {
  const { principalFilter, hostFilter, operation, permissionType } = filter;
  return (
    isResourceWanted(entry, filter) &&
    (principalFilter === null || principalFilter === entry.principal) &&
    (hostFilter === null || hostFilter === entry.host) &&
    (operation === O.ANY || operation === entry.operation) &&
    (permissionType === AclPermission.ANY || permissionType === entry.permissionType)
  );
}

function isResourceWanted(entry: AccessControlEntry, filter: AclFilter): boolean {
  const { resourceTypeFilter, resourceNameFilter: name, patternTypeFilter } = filter;
  if (resourceTypeFilter !== AclResource.ANY && resourceTypeFilter !== entry.resourceType)
    return false;
  const isExactKind =
    patternTypeFilter !== AclPattern.ANY && patternTypeFilter !== AclPattern.MATCH;
  if (isExactKind && patternTypeFilter !== entry.patternType) return false;
  if (name === null || name === entry.resourceName) return true;
  if (patternTypeFilter !== AclPattern.MATCH) return false;
  return entry.patternType === AclPattern.LITERAL
    ? entry.resourceName === WILDCARD
    : name.startsWith(entry.resourceName);
}
