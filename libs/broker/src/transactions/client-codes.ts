import { ErrorCode } from '@millrace/kafka-protocol';

/** Clients that don't know PRODUCER_FENCED (KIP-588) take the older code for the same. */
export function fencedCodeFor(version: number, knownSince: number, errorCode: number): number {
  return version < knownSince && errorCode === ErrorCode.PRODUCER_FENCED
    ? ErrorCode.INVALID_PRODUCER_EPOCH
    : errorCode;
}
