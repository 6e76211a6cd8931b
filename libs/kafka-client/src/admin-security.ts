import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { must, type Random } from '@millrace/foundation';
import { apis } from '@millrace/kafka-protocol';
import type { AdminOutcome } from './admin-api.ts';
import { errorOf, throwIfRefused, type Asking } from './admin-asking.ts';
import type {
  Acl,
  AclFilter,
  AclOperation,
  AclResourceType,
  QuotaChange,
  QuotaDescription,
  QuotaEntity,
  ScramChange,
  ScramMechanism,
  ScramUser,
  SecurityAdmin,
} from './admin-security-api.ts';

const derive = promisify(pbkdf2);

/** Kafka's numbers; 0 is unknown, 1 any. */
const ANY = 1;
const MATCH = 2;
const RESOURCE_TYPES: Readonly<Record<AclResourceType, number>> = {
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
  'delegation-token': 6,
  user: 7,
};
const OPERATIONS: Readonly<Record<AclOperation, number>> = {
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  'cluster-action': 9,
  'describe-configs': 10,
  'alter-configs': 11,
  'idempotent-write': 12,
  'create-tokens': 13,
  'describe-tokens': 14,
  'two-phase-commit': 15,
};
const PATTERN_TYPES = { literal: 3, prefixed: 4 } as const;
const PERMISSIONS = { deny: 2, allow: 3 } as const;
const MECHANISMS: Readonly<Record<ScramMechanism, number>> = {
  'SCRAM-SHA-256': 1,
  'SCRAM-SHA-512': 2,
};
const HASHES: Readonly<Record<ScramMechanism, { name: string; bytes: number }>> = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
};
const MATCH_EXACT = 0;
const MATCH_DEFAULT = 1;
const MATCH_ANY = 2;
const ITERATIONS = 4_096;
const SALT_BYTES = 24;
const USER_NOT_FOUND = 91;

export class KafkaSecurityAdmin implements SecurityAdmin {
  readonly #asking: Asking;
  readonly #random: Random;

  constructor(asking: Asking, random: Random) {
    this.#asking = asking;
    this.#random = random;
  }

  async describeAcls(filter: AclFilter = {}): Promise<readonly Acl[]> {
    return await this.#asking.anyBroker(async (link) => {
      const answer = await link.request(apis.describeAcls, filterOf(filter));
      throwIfRefused(answer, 'describe ACLs');
      return answer.resources.flatMap(({ acls, patternType, resourceName, resourceType }) =>
        acls.map((acl) => aclOf({ ...acl, patternType, resourceName, resourceType })),
      );
    });
  }

  async createAcls(acls: readonly Acl[]): Promise<readonly AdminOutcome[]> {
    const { results } = await this.#asking.controller('create ACLs', (link) =>
      link.request(apis.createAcls, {
        creations: acls.map((acl) => ({
          resourceType: RESOURCE_TYPES[acl.resourceType],
          resourceName: acl.resourceName,
          resourcePatternType: PATTERN_TYPES[acl.patternType],
          principal: acl.principal,
          host: acl.host,
          operation: OPERATIONS[acl.operation],
          permissionType: PERMISSIONS[acl.permission],
        })),
      }),
    );
    return acls.map(({ principal, resourceName }, index) => {
      const result = must(results[index], 'an outcome for each ACL');
      const name = `${principal} ${resourceName}`;
      return { name, error: errorOf(result, `create the ACL of ${name}`) };
    });
  }

  async deleteAcls(filters: readonly AclFilter[]): Promise<readonly Acl[]> {
    const { filterResults } = await this.#asking.controller('delete ACLs', (link) =>
      link.request(apis.deleteAcls, { filters: filters.map(filterOf) }),
    );
    return filterResults.flatMap((result) => {
      throwIfRefused(result, 'delete ACLs');
      return result.matchingAcls.map((acl) => {
        throwIfRefused(acl, `delete the ACL of ${acl.principal} ${acl.resourceName}`);
        return aclOf(acl);
      });
    });
  }

  async describeQuotas(
    match: Readonly<Partial<Record<'user' | 'client-id' | 'ip', string | null | undefined>>> = {},
    options: { readonly strict?: boolean } = {},
  ): Promise<readonly QuotaDescription[]> {
    return await this.#asking.anyBroker(async (link) => {
      const answer = await link.request(apis.describeClientQuotas, {
        strict: options.strict ?? false,
        components: Object.entries(match).map(([entityType, name]) => ({
          entityType,
          matchType: name === undefined ? MATCH_ANY : name === null ? MATCH_DEFAULT : MATCH_EXACT,
          match: name ?? null,
        })),
      });
      throwIfRefused(answer, 'describe quotas');
      return (answer.entries ?? []).map(({ entity, values }) => ({
        entity: Object.fromEntries(
          entity.map(({ entityName, entityType }) => [entityType, entityName]),
        ),
        values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
      }));
    });
  }

  async alterQuotas(
    changes: readonly QuotaChange[],
    options: { readonly validateOnly?: boolean } = {},
  ): Promise<readonly AdminOutcome[]> {
    const { entries } = await this.#asking.controller('alter quotas', (link) =>
      link.request(apis.alterClientQuotas, {
        validateOnly: options.validateOnly ?? false,
        entries: changes.map(({ entity, values }) => ({
          entity: partsOf(entity),
          ops: Object.entries(values).map(([key, value]) => ({
            key,
            value: value ?? 0,
            remove: value === null,
          })),
        })),
      }),
    );
    return changes.map(({ entity }, index) => {
      const name = nameOf(partsOf(entity));
      const found =
        entries.find((entry) => nameOf(entry.entity) === name) ??
        must(entries[index], 'an outcome for each entity');
      return { name, error: errorOf(found, `alter the quota of ${name}`) };
    });
  }

  async describeScramUsers(users: readonly string[] = []): Promise<readonly ScramUser[]> {
    const answer = await this.#asking.controller('describe SCRAM users', (link) =>
      link.request(apis.describeUserScramCredentials, {
        users: users.length === 0 ? null : users.map((name) => ({ name })),
      }),
    );
    throwIfRefused(answer, 'describe SCRAM users');
    return answer.results.map((result) => ({
      user: result.user,
      credentials: result.credentialInfos.map(({ iterations, mechanism }) => ({
        mechanism: keyOfValue(MECHANISMS, mechanism) ?? 'SCRAM-SHA-256',
        iterations,
      })),
      error: errorOf(result, `describe SCRAM user "${result.user}"`),
    }));
  }

  async alterScramUsers(changes: readonly ScramChange[]): Promise<readonly AdminOutcome[]> {
    const upsertions = await Promise.all(
      changes.flatMap(({ iterations = ITERATIONS, mechanism, password, user }) =>
        password === undefined ? [] : [this.#salted(user, mechanism, password, iterations)],
      ),
    );
    const deletions = changes
      .filter(({ password }) => password === undefined)
      .map(({ mechanism, user }) => ({ name: user, mechanism: MECHANISMS[mechanism] }));
    const { results } = await this.#asking.controller('alter SCRAM users', (link) =>
      link.request(apis.alterUserScramCredentials, { deletions, upsertions }),
    );
    return changes.map(({ user }) => {
      const result = results.find((one) => one.user === user) ?? { errorCode: USER_NOT_FOUND };
      return { name: user, error: errorOf(result, `alter SCRAM user "${user}"`) };
    });
  }

  async #salted(
    user: string,
    mechanism: ScramMechanism,
    password: string,
    iterations: number,
  ): Promise<{
    name: string;
    mechanism: number;
    iterations: number;
    salt: Uint8Array;
    saltedPassword: Uint8Array;
  }> {
    const salt = this.#random.nextBytes(SALT_BYTES);
    const { bytes, name } = HASHES[mechanism];
    const normalised = password.normalize('NFKC');
    const saltedPassword = await derive(normalised, salt, iterations, bytes, name);
    return { name: user, mechanism: MECHANISMS[mechanism], iterations, salt, saltedPassword };
  }
}

function filterOf(filter: AclFilter): {
  resourceTypeFilter: number;
  resourceNameFilter: string | null;
  patternTypeFilter: number;
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number;
  permissionType: number;
} {
  const { patternType } = filter;
  return {
    resourceTypeFilter:
      filter.resourceType === undefined ? ANY : RESOURCE_TYPES[filter.resourceType],
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter:
      patternType === undefined
        ? ANY
        : patternType === 'match'
          ? MATCH
          : PATTERN_TYPES[patternType],
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: filter.operation === undefined ? ANY : OPERATIONS[filter.operation],
    permissionType: filter.permission === undefined ? ANY : PERMISSIONS[filter.permission],
  };
}

function aclOf(acl: {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}): Acl {
  return {
    resourceType: keyOfValue(RESOURCE_TYPES, acl.resourceType) ?? 'topic',
    resourceName: acl.resourceName,
    patternType: keyOfValue(PATTERN_TYPES, acl.patternType) ?? 'literal',
    principal: acl.principal,
    host: acl.host,
    operation: keyOfValue(OPERATIONS, acl.operation) ?? 'all',
    permission: acl.permissionType === PERMISSIONS.deny ? 'deny' : 'allow',
  };
}

/** By the number that stands for it. */
function keyOfValue<Key extends string>(
  table: Readonly<Record<Key, number>>,
  value: number,
): Key | undefined {
  for (const key in table) if (table[key] === value) return key;
  return undefined;
}

function partsOf(entity: QuotaEntity): { entityType: string; entityName: string | null }[] {
  return Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
}

function nameOf(
  parts: readonly { readonly entityType: string; readonly entityName: string | null }[],
): string {
  return parts
    .map(({ entityName, entityType }) => `${entityType}=${entityName ?? '<default>'}`)
    .sort()
    .join(',');
}
