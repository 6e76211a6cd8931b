export { acrossCopies } from './across-copies.ts';
export { BoundedQueue } from './bounded-queue.ts';
export { CleanupStack } from './cleanup-stack.ts';
export { deferred, type Deferred } from './deferred.ts';
export { errorFromData, errorToData, type ErrorData } from './error-data.ts';
export {
  assert,
  describeError,
  InvariantError,
  isRetriable,
  MillraceError,
  must,
  unreachable,
  type MillraceErrorOptions,
  type Retry,
} from './errors.ts';
export { inParallel } from './in-parallel.ts';
export { silentLogger, type LogFields, type Logger } from './logger.ts';
export type { MetricFamily, MetricSample } from './metrics.ts';
export { isAborted, type Clock, type Random } from './ports.ts';
export { RecycledMemory, type RecycledMemoryOptions } from './recycled-memory.ts';
export { retry, type RetryPolicy, type RetryPorts } from './retry.ts';
export { systemClock, systemRandom } from './system-ports.ts';
