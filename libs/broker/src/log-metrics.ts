import type { MetricFamily } from '@millrace/foundation';
import type { LogManager } from '@millrace/log';

/** Kafka's `kafka.log` MBeans, as its usual Prometheus exporter writes their names. */
export function logMetrics(logs: LogManager): readonly MetricFamily[] {
  const { flushes, cleaner, offlineFolderCount, openFileCount } = logs.figures;
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples: [{ labels: {}, value }],
  });
  const counter = (name: string, help: string, value: number): MetricFamily => ({
    ...gauge(name, help, value),
    type: 'counter',
  });
  return [
    ...partitionMetrics(logs),
    counter('kafka_log_logflushstats_logflushrateandtimems_count', 'Flushes.', flushes.count),
    counter(
      'kafka_log_logflushstats_logflushrateandtimems_sum',
      'Milliseconds of all flushes.',
      flushes.totalMs,
    ),
    gauge(
      'kafka_log_logflushstats_logflushrateandtimems_max',
      'Milliseconds of the longest flush.',
      flushes.maxMs,
    ),
    gauge(
      'kafka_log_logmanager_offlinelogdirectorycount',
      'Data folders that have failed.',
      offlineFolderCount,
    ),
    gauge('kafka_log_logmanager_open_files', 'Log files that are open.', openFileCount),
    gauge(
      'kafka_log_logcleaner_max_clean_time_secs',
      'Longest compaction of the last round.',
      cleaner.lastRunMaxMs / 1000,
    ),
    gauge(
      'kafka_log_logcleaner_cleaner_recopy_percent',
      'Written of what was read in the last round.',
      cleaner.recopyPercent,
    ),
    gauge(
      'kafka_log_logcleaner_max_buffer_utilization_percent',
      'How full the key map was in the last round.',
      cleaner.bufferFillPercent,
    ),
    gauge(
      'kafka_log_logcleaner_deadthreadcount',
      'Threads that died while they compacted.',
      cleaner.deadThreadCount,
    ),
    gauge(
      'kafka_log_logcleanermanager_uncleanable_partitions_count',
      'Logs whose compaction fails.',
      cleaner.uncleanableCount,
    ),
    gauge(
      'kafka_log_logcleanermanager_uncleanable_bytes',
      'Bytes of logs whose compaction fails.',
      cleaner.uncleanableBytes,
    ),
  ];
}

/** One sample a partition, as Kafka has them. */
function partitionMetrics(logs: LogManager): readonly MetricFamily[] {
  const size: MetricFamily['samples'][number][] = [];
  const start: MetricFamily['samples'][number][] = [];
  const end: MetricFamily['samples'][number][] = [];
  const segments: MetricFamily['samples'][number][] = [];
  for (const log of logs.logs()) {
    const labels = { topic: log.topic, partition: String(log.partition) };
    size.push({ labels, value: log.bytes });
    start.push({ labels, value: log.logStartOffset });
    end.push({ labels, value: log.logEndOffset });
    segments.push({ labels, value: log.segmentCount });
  }
  return [
    { name: 'kafka_log_log_size', help: 'Bytes of a log.', type: 'gauge', samples: size },
    {
      name: 'kafka_log_log_logstartoffset',
      help: 'First offset of a log.',
      type: 'gauge',
      samples: start,
    },
    {
      name: 'kafka_log_log_logendoffset',
      help: 'Offset that the next record gets.',
      type: 'gauge',
      samples: end,
    },
    {
      name: 'kafka_log_log_numlogsegments',
      help: 'Segments of a log.',
      type: 'gauge',
      samples: segments,
    },
  ];
}
