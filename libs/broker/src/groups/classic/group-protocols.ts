import type { GroupMember, GroupProtocol, GroupState } from './group-state.ts';

/** What is asked of somebody who wants to join. */
export interface Candidate {
  readonly memberId: string;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
}

/** A newcomer must share the group's type and at least one protocol with all the others. */
export function acceptsProtocols(group: GroupState, event: Candidate): boolean {
  if (event.protocolType === '' || event.protocols.length === 0) return false;
  const others = [...group.members.values()].filter((each) => each.memberId !== event.memberId);
  if (group.phase === 'Empty' || others.length === 0) return true;
  return (
    event.protocolType === group.protocolType &&
    event.protocols.some(({ name }) => others.every((member) => supports(member, name)))
  );
}

function supports(member: GroupMember, protocolName: string): boolean {
  return member.protocols.some((protocol) => protocol.name === protocolName);
}

/** Every member votes for the first of its protocols that all have; ties go to the first vote cast. */
export function selectProtocol(group: GroupState): string | null {
  const members = [...group.members.values()];
  const votes = new Map<string, number>();
  for (const member of members) {
    const choice = member.protocols.find(({ name }) =>
      members.every((each) => supports(each, name)),
    );
    if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
  }
  let best: string | null = null;
  for (const [name, count] of votes)
    if (best === null || count > (votes.get(best) ?? 0)) best = name;
  return best;
}

/** The leader must have come to this rebalance; if it has not, the first who has leads. */
export function electPresentLeader(group: GroupState): boolean {
  const leader = group.leaderId === null ? undefined : group.members.get(group.leaderId);
  if (leader?.waitingJoin !== undefined) return true;
  for (const member of group.members.values()) {
    if (member.waitingJoin === undefined) continue;
    group.leaderId = member.memberId;
    return true;
  }
  return false;
}

export function longestRebalanceTimeoutMs(group: GroupState): number {
  let longest = 0;
  for (const member of group.members.values())
    longest = Math.max(longest, member.rebalanceTimeoutMs);
  return longest;
}

export function sameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every((protocol, index) => {
      const other = b[index];
      return (
        other !== undefined &&
        protocol.name === other.name &&
        equalBytes(protocol.metadata, other.metadata)
      );
    })
  );
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}
