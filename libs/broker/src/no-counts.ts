import type { Counters } from './core.ts';
import { RequestTimes } from './request-times.ts';
import type { TopicMetrics } from './topic-metrics.ts';

/** As at the start. */
export function noCounts(topics: TopicMetrics): Counters {
  const timesByApi = new Map<string, RequestTimes>();
  return {
    topics,
    producedBatches: 0,
    connectionsRefused: 0,
    requestsByApi: new Map(),
    timesByApi,
    timesOf(api) {
      const known = timesByApi.get(api);
      if (known !== undefined) return known;
      const times = new RequestTimes();
      timesByApi.set(api, times);
      return times;
    },
  };
}
