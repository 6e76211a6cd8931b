import {
  apis,
  ErrorCode,
  type FindCoordinatorRequest,
  type FindCoordinatorResponseInput,
} from '@millrace/kafka-protocol';
import { describeError } from '@millrace/foundation';
import type { Call } from '../core.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** From this version on several keys at once, answered in another place. */
const BATCHED_SINCE = 4;
const GROUP = 0;
const TRANSACTION = 1;

export const findCoordinatorHandler: ServedApi = serve(apis.findCoordinator, findCoordinator);

/** This node coordinates everything there is. */
async function findCoordinator(
  request: FindCoordinatorRequest,
  call: Call,
): Promise<FindCoordinatorResponseInput> {
  const { core, context, version } = call;
  const refusal = await findRefusal(request.keyType, call);
  const { host, port } = core.addressFor(context);
  const found =
    refusal === undefined
      ? { nodeId: core.nodeId, host, port, errorCode: ErrorCode.NONE, errorMessage: null }
      : {
          nodeId: -1,
          host: '',
          port: -1,
          errorCode: refusal.errorCode,
          errorMessage: refusal.message,
        };
  return version >= BATCHED_SINCE
    ? { coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) }
    : found;
}

async function findRefusal(keyType: number, { core }: Call): Promise<Refusal | undefined> {
  if (keyType !== GROUP && keyType !== TRANSACTION)
    return { errorCode: ErrorCode.INVALID_REQUEST, message: `Unknown key type ${keyType}.` };
  try {
    await (keyType === GROUP ? core.ensureOffsetsTopic() : core.ensureTransactionsTopic());
    return undefined;
  } catch (error) {
    core.log.warn({ err: error }, 'the coordinator topic could not be made; clients try again');
    return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, message: describeError(error) };
  }
}
