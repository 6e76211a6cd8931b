/** What each broker has of its own, and what an instant decides. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  'throttleTimeMs',
  // In words of one's own.
  'errorMessage',
  // Kafka writes down a default of min.insync.replicas when it is formatted.
  'configSource',
  'currentVoters',
  'clusterId',
  'brokers',
  'nodes',
  'host',
  'port',
  'nodeHost',
  'brokerEpoch',
  'memberId',
  'heartbeatIntervalMs',
  'voters',
  'observers',
  'logStartOffset',
  'logAppendTimeMs',
  'baseOffset',
  'offset',
  'highWatermark',
  'lastStableOffset',
  'leaderEpoch',
  'endOffset',
  'timestamp',
  'lowWatermark',
  'logDir',
  'totalBytes',
  'usableBytes',
  'size',
  'partitionSize',
  'records',
  'sessionId',
  'producerId',
  'producerEpoch',
  'committedLeaderEpoch',
  'committedOffset',
  'transactionStartTimeMs',
  'assignmentEpoch',
  'groupEpoch',
  'memberEpoch',
  'currentLeader',
  'nodeEndpoints',
]);

/** Of a topic that is only tried. */
const ANY_ID = /^[\w-]{22}$/;

/** Without what can't be equal; lists in one order. */
export function comparable(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'string') return names.get(value) ?? value.replace(ANY_ID, 'some id');
  if (Array.isArray(value))
    return value
      .filter((item) => !isOurTopic(item))
      .map((item) => comparable(item, names))
      .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !OWN_KEYS.has(key))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => [key, comparable(member, names)]),
  );
}

/** Topics of the worker that our broker is in. */
function isOurTopic(item: unknown): boolean {
  if (!isObject(item)) return false;
  const { name, topic, resourceName } = item;
  return [name, topic, resourceName].some(
    (text) => typeof text === 'string' && text.startsWith('connect-'),
  );
}

/** Where the first difference is, or undefined. */
export function firstDifference(ours: unknown, theirs: unknown, path = ''): string | undefined {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return undefined;
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const found = firstDifference(ours[key], theirs[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
  }
  return `${path}: ${text(ours)}, Kafka: ${text(theirs)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 400);
}
