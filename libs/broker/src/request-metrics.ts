import type { MetricFamily } from '@millrace/foundation';
import type { RequestTimeFigures } from './request-times.ts';

const QUANTILES = [0.5, 0.75, 0.95, 0.99, 0.999] as const;

/** Kafka's RequestMetrics: how long requests took from their arrival to their answer, waiting included. */
export function requestTimes(
  timesByApi: ReadonlyMap<string, RequestTimeFigures>,
): readonly MetricFamily[] {
  const apis = [...timesByApi];
  return [
    {
      name: 'kafka_network_requestmetrics_totaltimems',
      help: 'Time of requests by api, as quantiles since the start.',
      type: 'gauge',
      samples: apis.flatMap(([request, times]) =>
        QUANTILES.map((quantile) => ({
          labels: { request, quantile: String(quantile) },
          value: times.quantileMs(quantile),
        })),
      ),
    },
    {
      name: 'kafka_network_requestmetrics_totaltimems_count',
      help: 'Requests answered by api.',
      type: 'counter',
      samples: apis.map(([request, { count }]) => ({ labels: { request }, value: count })),
    },
    {
      name: 'kafka_network_requestmetrics_totaltimems_sum',
      help: 'Time of all requests by api.',
      type: 'counter',
      samples: apis.map(([request, { sumMs }]) => ({ labels: { request }, value: sumMs })),
    },
  ];
}
