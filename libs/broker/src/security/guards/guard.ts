import { ErrorCode, errorByCode, type Api } from '@millrace/kafka-protocol';
import type { Call } from '../../core.ts';
import { AclResource, CLUSTER_NAME } from '../acl.ts';

/** Hands a request, or what is left of it, to the handler. */
export type Next<Req, ResInput> = (request: Req) => Promise<ResInput | undefined>;

/**
 * Stands before a handler: takes out of the request what its sender may not do, and says so in the answer; or takes
 * out of the answer what he may not see. Handlers know nothing of it.
 */
export type Check<Req, ResInput> = (
  request: Req,
  call: Call,
  next: Next<Req, ResInput>,
) => ResInput | undefined | Promise<ResInput | undefined>;

export interface Guard {
  readonly key: number;
  /** Also when everything is allowed: it fills in what only it knows. */
  readonly isAlways: boolean;
  /** A `Check` of the types of the api with this key, which a table of all of them can't name. */
  readonly check: unknown;
}

export function guard<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
  check: Check<Req, NoInfer<ResInput>>,
  options: { readonly isAlways?: boolean } = {},
): Guard {
  return { key: api.key, isAlways: options.isAlways === true, check };
}

/** Anybody may, or the handler looks itself. */
export function openTo<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
): Guard {
  return guard(api, (request, _call, next) => next(request));
}

/** The whole request needs one right to the cluster. */
export function clusterGuard<Req, Res, ReqInput, ResInput>(
  api: Api<Req, Res, ReqInput, ResInput>,
  operation: number,
  refused: (request: Req, error: RefusedError) => NoInfer<ResInput>,
): Guard {
  return guard(api, (request, call, next) =>
    allowsCluster(call, operation) ? next(request) : refused(request, CLUSTER_REFUSED),
  );
}

export interface RefusedError {
  readonly errorCode: number;
  readonly errorMessage: string;
}

export function refusedError(errorCode: number): RefusedError {
  return { errorCode, errorMessage: errorByCode(errorCode).message };
}

export const CLUSTER_REFUSED = refusedError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
export const TOPIC_REFUSED = refusedError(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
export const GROUP_REFUSED = refusedError(ErrorCode.GROUP_AUTHORIZATION_FAILED);
export const TRANSACTION_REFUSED = refusedError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);

export function allowsCluster({ rights }: Call, operation: number): boolean {
  return rights.allows(operation, AclResource.CLUSTER, CLUSTER_NAME);
}

export function allowsTopic({ rights }: Call, operation: number, name: string): boolean {
  return rights.allows(operation, AclResource.TOPIC, name);
}

export function allowsGroup({ rights }: Call, operation: number, groupId: string): boolean {
  return rights.allows(operation, AclResource.GROUP, groupId);
}

export function allowsTransaction({ rights }: Call, operation: number, id: string): boolean {
  return rights.allows(operation, AclResource.TRANSACTIONAL_ID, id);
}

/** Those that pass and those that do not, in their order. */
export function split<T>(
  items: readonly T[],
  passes: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  const passed: T[] = [];
  const others: T[] = [];
  for (const item of items) (passes(item) ? passed : others).push(item);
  return [passed, others];
}
