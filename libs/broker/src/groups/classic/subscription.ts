import { decodeVersioned, messages } from '@millrace/kafka-protocol';
import { metadataOf, type GroupState } from './group-state.ts';

/**
 * Whether a member of the group reads the topic. Only members of type "consumer" say so; for others,
 * and for what can't be read, the answer is yes, so that no offset is lost.
 */
export function isClassicSubscriber(state: GroupState, topic: string): boolean {
  if (state.protocolType !== 'consumer') return true;
  for (const member of state.members.values()) {
    try {
      const metadata = asVersion0(metadataOf(member, state.protocolName));
      const { topics } = decodeVersioned(messages.consumerProtocolSubscription, metadata).value;
      if (topics.includes(topic)) return true;
    } catch {
      return true; // not Kafka's format: nothing is known of its topics
    }
  }
  return false;
}

/**
 * The topics stand first in every version. Kafka reads no further either: some clients name a version
 * and leave out what it brought.
 */
function asVersion0(metadata: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(metadata);
  bytes.fill(0, 0, 2);
  return bytes;
}
