/** Bytes are base64, so that a record is plain data. Fields and numbers are those of Kafka's records of these names. */
export type SecurityRecord =
  | AccessControlEntryRecord
  | { readonly kind: 'access-control-entry-removed'; readonly id: string }
  | UserScramCredentialRecord
  | {
      readonly kind: 'user-scram-credential-removed';
      readonly name: string;
      readonly mechanism: number;
    }
  | ClientQuotaRecord;

/** Kafka's AccessControlEntryRecord. */
export interface AccessControlEntryRecord extends AccessControlEntry {
  readonly kind: 'access-control-entry';
}

export interface AccessControlEntry {
  /** A uuid. */
  readonly id: string;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** Kafka's UserScramCredentialRecord. */
export interface UserScramCredentialRecord extends UserScramCredential {
  readonly kind: 'user-scram-credential';
}

export interface UserScramCredential {
  readonly name: string;
  readonly mechanism: number;
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
  readonly iterations: number;
}

/** Kafka's ClientQuotaRecord: one key of one entity; `remove` takes it away. */
export interface ClientQuotaRecord {
  readonly kind: 'client-quota';
  readonly entity: readonly QuotaEntityPart[];
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

export interface QuotaEntityPart {
  /** `user`, `client-id` or `ip`. */
  readonly entityType: string;
  /** null is the default of its type. */
  readonly entityName: string | null;
}

export interface ClientQuota {
  readonly entity: readonly QuotaEntityPart[];
  readonly values: ReadonlyMap<string, number>;
}

/** The part of the metadata image about who may do what and how much. */
export interface SecurityImage {
  /** By id. */
  readonly acls: ReadonlyMap<string, AccessControlEntry>;
  /** By `scramKey`. */
  readonly scramCredentials: ReadonlyMap<string, UserScramCredential>;
  /** By `quotaKey`. */
  readonly clientQuotas: ReadonlyMap<string, ClientQuota>;
}

export const EMPTY_SECURITY: SecurityImage = {
  acls: new Map(),
  scramCredentials: new Map(),
  clientQuotas: new Map(),
};

export function scramKey(mechanism: number, name: string): string {
  return `${mechanism}:${name}`;
}

/** The same for the same entity, in whichever order its parts stand. */
export function quotaKey(entity: readonly QuotaEntityPart[]): string {
  return JSON.stringify(
    entity
      .map(({ entityType, entityName }) => [entityType, entityName])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );
}

export function isSecurityRecord(record: { readonly kind: string }): record is SecurityRecord {
  return SECURITY_KINDS.has(record.kind);
}

const SECURITY_KINDS: ReadonlySet<string> = new Set<SecurityRecord['kind']>([
  'access-control-entry',
  'access-control-entry-removed',
  'user-scram-credential',
  'user-scram-credential-removed',
  'client-quota',
]);

/** The image itself stays as it is; maps that nothing changes are shared with the new one. */
export function applySecurity(
  image: SecurityImage,
  records: readonly SecurityRecord[],
): SecurityImage {
  if (records.length === 0) return image;
  let { acls, scramCredentials, clientQuotas } = image;
  const changes = {
    acls: new Map<string, AccessControlEntry | undefined>(),
    scram: new Map<string, UserScramCredential | undefined>(),
    quotas: new Map<string, ClientQuota>(),
  };
  for (const record of records) {
    switch (record.kind) {
      case 'access-control-entry':
        changes.acls.set(record.id, withoutKind(record));
        break;
      case 'access-control-entry-removed':
        changes.acls.set(record.id, undefined);
        break;
      case 'user-scram-credential':
        changes.scram.set(scramKey(record.mechanism, record.name), withoutKind(record));
        break;
      case 'user-scram-credential-removed':
        changes.scram.set(scramKey(record.mechanism, record.name), undefined);
        break;
      case 'client-quota': {
        const key = quotaKey(record.entity);
        const before = changes.quotas.get(key) ?? clientQuotas.get(key);
        changes.quotas.set(key, changeQuota(before, record));
        break;
      }
    }
  }
  acls = changed(acls, changes.acls);
  scramCredentials = changed(scramCredentials, changes.scram);
  clientQuotas = changed(
    clientQuotas,
    new Map(
      [...changes.quotas].map(([key, quota]) => [key, quota.values.size > 0 ? quota : undefined]),
    ),
  );
  return { acls, scramCredentials, clientQuotas };
}

/** The fewest records that lead from nothing to this image. */
export function recordsOfSecurity(image: SecurityImage): readonly SecurityRecord[] {
  const records: SecurityRecord[] = [];
  for (const entry of image.acls.values()) records.push({ kind: 'access-control-entry', ...entry });
  for (const credential of image.scramCredentials.values())
    records.push({ kind: 'user-scram-credential', ...credential });
  for (const { entity, values } of image.clientQuotas.values()) {
    for (const [key, value] of values)
      records.push({ kind: 'client-quota', entity, key, value, remove: false });
  }
  return records;
}

function withoutKind<R extends { readonly kind: string }>(record: R): Omit<R, 'kind'> {
  const copy: Omit<R, 'kind'> & { kind?: string } = { ...record };
  delete copy.kind;
  return copy;
}

function changeQuota(before: ClientQuota | undefined, record: ClientQuotaRecord): ClientQuota {
  const values = new Map(before?.values);
  if (record.remove) values.delete(record.key);
  else values.set(record.key, record.value);
  return { entity: before?.entity ?? record.entity, values };
}

function changed<V>(
  before: ReadonlyMap<string, V>,
  changes: ReadonlyMap<string, V | undefined>,
): ReadonlyMap<string, V> {
  if (changes.size === 0) return before;
  const after = new Map(before);
  for (const [key, value] of changes) {
    if (value === undefined) after.delete(key);
    else after.set(key, value);
  }
  return after;
}
