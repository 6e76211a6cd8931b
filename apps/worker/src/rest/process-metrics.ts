import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricFamily } from '@millrace/foundation';

const NANOSECONDS = 1e9;
const RESOLUTION_MS = 20;

/** Figures of this process, under the names that Prometheus' own clients use. */
export class ProcessMetrics implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #startedSeconds: number;

  constructor() {
    this.#delay.enable();
    this.#startedSeconds = Date.now() / 1000 - process.uptime();
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }

  /** The event loop's delay is that since the last call. */
  read(): readonly MetricFamily[] {
    const memory = process.memoryUsage();
    const cpu = process.resourceUsage();
    const delay = { mean: this.#delay.mean, p99: this.#delay.percentile(99), max: this.#delay.max };
    this.#delay.reset();
    return [
      gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', memory.rss),
      gauge(
        'process_start_time_seconds',
        'Start time since the Unix epoch in seconds.',
        this.#startedSeconds,
      ),
      {
        ...gauge(
          'process_cpu_seconds_total',
          'Total user and system CPU time spent in seconds.',
          (cpu.userCPUTime + cpu.systemCPUTime) / 1e6,
        ),
        type: 'counter',
      },
      gauge('nodejs_heap_size_used_bytes', 'Used heap size in bytes.', memory.heapUsed),
      gauge('nodejs_heap_size_total_bytes', 'Heap size in bytes.', memory.heapTotal),
      gauge('nodejs_external_memory_bytes', 'Memory of buffers in bytes.', memory.external),
      gauge(
        'nodejs_eventloop_lag_mean_seconds',
        'Mean delay of the event loop.',
        seconds(delay.mean),
      ),
      gauge(
        'nodejs_eventloop_lag_p99_seconds',
        '99th percentile of the event loop delay.',
        seconds(delay.p99),
      ),
      gauge(
        'nodejs_eventloop_lag_max_seconds',
        'Longest delay of the event loop.',
        seconds(delay.max),
      ),
    ];
  }
}

/**
 * Node measures from one of its timers to the next, so that an idle loop has the delay of their distance; what is above
 * that is the delay. Without a sample yet the histogram says NaN, or a huge minimum.
 */
function seconds(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds)) return 0;
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000);
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ labels: {}, value }] };
}
