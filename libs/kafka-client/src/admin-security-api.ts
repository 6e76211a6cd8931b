import type { AdminOutcome } from './admin-api.ts';
import type { MillraceError } from '@millrace/foundation';

export type AclResourceType =
  'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user';
export type AclPatternType = 'literal' | 'prefixed';
export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write'
  | 'create-tokens'
  | 'describe-tokens'
  | 'two-phase-commit';

export interface Acl {
  readonly resourceType: AclResourceType;
  readonly resourceName: string;
  readonly patternType: AclPatternType;
  /** `User:name`; `User:*` for all. */
  readonly principal: string;
  /** `*` for all. */
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: 'allow' | 'deny';
}

/** What is absent matches all. `match` also finds wildcards and prefixes that cover the name. */
export type AclFilter = Partial<Omit<Acl, 'patternType'>> & {
  readonly patternType?: AclPatternType | 'match';
};

/** Null: the default entity. */
export type QuotaEntity = Readonly<Partial<Record<'user' | 'client-id' | 'ip', string | null>>>;

export interface QuotaDescription {
  readonly entity: QuotaEntity;
  readonly values: Readonly<Record<string, number>>;
}

export interface QuotaChange {
  readonly entity: QuotaEntity;
  /** `producer_byte_rate` and so on; `null` removes. */
  readonly values: Readonly<Record<string, number | null>>;
}

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface ScramUser {
  readonly user: string;
  readonly credentials: readonly {
    readonly mechanism: ScramMechanism;
    readonly iterations: number;
  }[];
  readonly error: MillraceError | undefined;
}

/** With a password: set; without: removed. */
export interface ScramChange {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  /** Salted here, so that it never travels. */
  readonly password?: string;
  /** Default 4,096 to 16,384. */
  readonly iterations?: number;
}

/** Who may do what, how much of it, and with which password. */
export interface SecurityAdmin {
  describeAcls(filter?: AclFilter): Promise<readonly Acl[]>;
  createAcls(acls: readonly Acl[]): Promise<readonly AdminOutcome[]>;
  /** Those that were removed. */
  deleteAcls(filters: readonly AclFilter[]): Promise<readonly Acl[]>;
  /** `undefined` values match any; `strict` leaves out entities with more parts than were asked for. */
  describeQuotas(
    match?: Readonly<Partial<Record<'user' | 'client-id' | 'ip', string | null | undefined>>>,
    options?: { readonly strict?: boolean },
  ): Promise<readonly QuotaDescription[]>;
  alterQuotas(
    changes: readonly QuotaChange[],
    options?: { readonly validateOnly?: boolean },
  ): Promise<readonly AdminOutcome[]>;
  /** All users when none is named. */
  describeScramUsers(users?: readonly string[]): Promise<readonly ScramUser[]>;
  alterScramUsers(changes: readonly ScramChange[]): Promise<readonly AdminOutcome[]>;
}
