import { apis, ErrorCode, type JoinGroupResponseInput } from '@millrace/kafka-protocol';
import { refusedJoin } from '../groups/classic/answers.ts';
import type { JoinAnswer } from '../groups/classic/events.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** KIP-394: newcomers come back with the id that they were given. */
const KNOWN_MEMBER_ID_SINCE = 4;
const SKIP_ASSIGNMENT_SINCE = 9;
/** From here on the name of no protocol is null. */
const NULL_PROTOCOL_SINCE = 7;

export const joinGroupHandler: ServedApi = serve(
  apis.joinGroup,
  async (request, { core, context, version, clientId }) => {
    const { groupId, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
    const { values } = core.settings;
    if (groupId === '') return responseOf(refused(memberId, ErrorCode.INVALID_GROUP_ID), version);
    if (
      sessionTimeoutMs < values['group.min.session.timeout.ms'] ||
      sessionTimeoutMs > values['group.max.session.timeout.ms']
    ) {
      return responseOf(refused(memberId, ErrorCode.INVALID_SESSION_TIMEOUT), version);
    }
    const subscriptionBytes = request.protocols.reduce(
      (sum, { name, metadata }) => sum + Buffer.byteLength(name) + metadata.byteLength,
      0,
    );
    // INV-6: kept as long as the member lives.
    if (subscriptionBytes > values['group.member.subscription.max.bytes'])
      return responseOf(refused(memberId, ErrorCode.POLICY_VIOLATION), version);
    const answer = await core.groups.join({
      groupId,
      memberId,
      instanceId: request.groupInstanceId,
      requiresKnownMemberId: version >= KNOWN_MEMBER_ID_SINCE,
      canSkipAssignment: version >= SKIP_ASSIGNMENT_SINCE,
      clientId: clientId ?? '',
      clientHost: context.clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      protocolType: request.protocolType,
      // Kept for the life of the member: not as views of the received chunk.
      protocols: request.protocols.map(({ name, metadata }) => ({
        name,
        metadata: metadata.slice(),
      })),
    });
    return responseOf(answer, version);
  },
);

const refused = refusedJoin;

function responseOf(answer: JoinAnswer, version: number): JoinGroupResponseInput {
  const protocolName = answer.protocolName ?? (version >= NULL_PROTOCOL_SINCE ? null : '');
  return { ...answer, protocolName };
}
