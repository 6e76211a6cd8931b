import type { Logger } from '@millrace/foundation';
import type { AccessControlEntry, SecurityImage } from '../metadata/security-image.ts';
import type { ConnectionContext } from '../network/request-router.ts';
import { AclIndex } from './acl-index.ts';
import { AclOperation, AclPattern, AclPermission, covers, isAbout, WILDCARD } from './acl.ts';
import { formatPrincipal } from './principal.ts';
import { ALL_RIGHTS, type Rights } from './rights.ts';

export interface AuthorizerOptions {
  readonly superUsers: ReadonlySet<string>;
  /** `allow.everyone.if.no.acl.found` */
  readonly allowsWithoutAcl: boolean;
  readonly image: () => SecurityImage;
  readonly log: Logger;
}

/**
 * Kafka's StandardAuthorizer: any entry that denies wins, then any that allows; a resource that no entry is about is
 * decided by `allow.everyone.if.no.acl.found`.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #acls: SecurityImage['acls'] | undefined;
  #index = new AclIndex([]);

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  rightsOf({ session, clientHost }: ConnectionContext): Rights {
    if (session.isInternal) return ALL_RIGHTS;
    const principal = formatPrincipal(session.principal);
    if (this.#options.superUsers.has(principal)) return ALL_RIGHTS;
    const host = clientHost.replace(/^\//, '');
    return {
      isAll: false,
      allows: (operation, type, name) => this.#allows(principal, host, operation, type, name),
      allowsSome: (operation, type) => this.#allowsSome(principal, host, operation, type),
    };
  }

  #current(): AclIndex {
    const { acls } = this.#options.image();
    // The image is replaced whole, so that the same map has the same entries.
    if (acls !== this.#acls) {
      this.#acls = acls;
      this.#index = new AclIndex(acls.values());
    }
    return this.#index;
  }

  #allows(
    principal: string,
    host: string,
    operation: number,
    resourceType: number,
    name: string,
  ): boolean {
    let isKnown = false;
    let isAllowed = false;
    for (const entry of this.#current().matching(resourceType, name)) {
      isKnown = true;
      if (!isAbout(entry, principal, host) || !covers(entry, operation)) continue;
      if (entry.permissionType === AclPermission.DENY)
        return this.#denied(principal, operation, name);
      isAllowed = true;
    }
    if (isAllowed || (!isKnown && this.#options.allowsWithoutAcl)) return true;
    return this.#denied(principal, operation, name);
  }

  #denied(principal: string, operation: number, resource: string): false {
    this.#options.log.debug({ principal, operation, resource }, 'an operation is not authorized');
    return false;
  }

  /** KIP-679: an allowed pattern counts unless a denial covers it whole. */
  #allowsSome(principal: string, host: string, operation: number, resourceType: number): boolean {
    if (this.#allows(principal, host, operation, resourceType, 'hardcode')) return true;
    const allowed: AccessControlEntry[] = [];
    const denied: AccessControlEntry[] = [];
    for (const entry of this.#current().ofType(resourceType)) {
      const isSame = entry.operation === operation || entry.operation === AclOperation.ALL;
      if (!isSame || !isAbout(entry, principal, host)) continue;
      (entry.permissionType === AclPermission.DENY ? denied : allowed).push(entry);
    }
    return allowed.some((entry) => !denied.some((other) => isCoveredBy(entry, other)));
  }
}

function isCoveredBy(entry: AccessControlEntry, denial: AccessControlEntry): boolean {
  if (denial.patternType === AclPattern.PREFIXED)
    return entry.resourceName !== WILDCARD && entry.resourceName.startsWith(denial.resourceName);
  if (denial.resourceName === WILDCARD) return true;
  return entry.patternType === AclPattern.LITERAL && entry.resourceName === denial.resourceName;
}
