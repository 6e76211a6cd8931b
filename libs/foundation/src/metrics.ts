/** One named metric with its current samples, as Prometheus' text format groups them. */
export interface MetricFamily {
  /** Prometheus name: `kafka_connect_source_task_source_record_poll_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
