import { SUPPORTED_OPERATIONS } from './acl.ts';

/** What the sender of a request may do. */
export interface Rights {
  /** Everything: there is no authoriser, or this is a super user. */
  readonly isAll: boolean;
  allows(operation: number, resourceType: number, name: string): boolean;
  /** Whether there is any resource of the type on which the operation is allowed. */
  allowsSome(operation: number, resourceType: number): boolean;
}

export const ALL_RIGHTS: Rights = {
  isAll: true,
  allows: () => true,
  allowsSome: () => true,
};

/** Kafka's bit field of what is allowed: bit n for the operation with the number n. */
export function authorizedOperations(rights: Rights, resourceType: number, name: string): number {
  let bits = 0;
  for (const operation of SUPPORTED_OPERATIONS.get(resourceType) ?? []) {
    if (rights.allows(operation, resourceType, name)) bits |= 1 << operation;
  }
  return bits;
}
