/** The log of the quorum; no topic that clients could see or make. */
export const METADATA_TOPIC = '__cluster_metadata';

export const OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTIONS_TOPIC = '__transaction_state';

/** Topics of the broker's own, which ordinary clients may read but not write. */
const INTERNAL: ReadonlySet<string> = new Set([OFFSETS_TOPIC, TRANSACTIONS_TOPIC]);

const NAME_LENGTH_MAX = 249;

export function isInternalTopic(name: string): boolean {
  return INTERNAL.has(name);
}

/** What is wrong with a topic's name, in Kafka's words. */
export function findTopicNameProblem(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > NAME_LENGTH_MAX)
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${NAME_LENGTH_MAX}`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  return undefined;
}

/** Names that differ only in '.' and '_' are one name in metrics, so Kafka refuses the second. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}
