import type { Cluster } from './cluster.ts';
import type { FetchOptions } from './consumer-api.ts';
import { keyOf, type FetchState } from './fetch-state.ts';
import { lookUpOffsets } from './offset-lookup.ts';
import { resetTimestamp } from './offset-reset.ts';

/**
 * Finds out where partitions that wait for it begin, and places them there; not those that are moved or taken away
 * meanwhile.
 */
export async function placeResets(
  cluster: Cluster,
  waiting: readonly FetchState[],
  isolationLevel: NonNullable<FetchOptions['isolationLevel']>,
): Promise<void> {
  const wallMs = cluster.settings.clock.nowMs();
  const asked = new Map(
    waiting.map(
      (state) => [keyOf(state.topic, state.partition), { state, version: state.version }] as const,
    ),
  );
  const answers = await lookUpOffsets(
    cluster,
    waiting.map(({ topic, partition, reset }) => ({
      topic,
      partition,
      timestamp: resetTimestamp(reset ?? 'latest', wallMs),
    })),
    isolationLevel,
  );
  for (const answer of answers) {
    const { state, version } = asked.get(keyOf(answer.topic, answer.partition)) ?? {};
    if (state === undefined || state.version !== version) continue;
    if (answer.offset < 0) {
      state.reset = 'latest'; // nothing is as new as was asked for
      continue;
    }
    state.reset = undefined;
    state.position = answer.offset;
    state.fetchFrom = answer.offset;
    state.lastEpoch = -1;
  }
}
