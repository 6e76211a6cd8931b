import { MillraceError, type Clock } from '@millrace/foundation';
import { exceptionClassOf, fingerprintOf } from './fingerprint.ts';
import type { DeadLetter, Stage } from './failed-operation.ts';
import type { Redact } from './redactor.ts';

/** What became of the record, or of the task. */
export type ErrorOutcome = 'task-failed' | 'skipped' | 'dead-letter' | 'connector-failed';

/** One failure, as its place in the runtime saw it. */
export interface ErrorSighting {
  readonly stage: Stage | undefined;
  /** Of the converter, transform or task; empty when none is to blame. */
  readonly className: string;
  readonly error: unknown;
  /** Undefined for a failure of the connector itself. */
  readonly task: number | undefined;
  /** Where the record is; undefined when no single record failed. */
  readonly where: Pick<DeadLetter, 'topic' | 'partition' | 'offset'> | undefined;
  readonly outcome: ErrorOutcome;
}

interface ErrorCause {
  /** Ours, such as `converter.not_json`. */
  readonly code?: string;
  readonly class: string;
  readonly message: string;
}

/** Failures of one kind; names as in the JSON of `GET /api/connectors/{name}/errors`. */
export interface ErrorGroup {
  readonly fingerprint: string;
  readonly count: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly stage: string;
  readonly class: string;
  readonly outcome: ErrorOutcome;
  readonly exception: ErrorCause & { readonly causes: readonly ErrorCause[] };
  /** What mends it, if known. */
  readonly remedy: string | null;
  /** The last one. */
  readonly sample: Readonly<Record<string, unknown>>;
}

interface Kept {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly outcome: ErrorOutcome;
}

const CAUSES_MAX = 8;
const TEXT_CHARS_MAX = 2000;

/**
 * What went wrong with a connector, by kind. In the worker's memory: it outlives tasks and changes of the
 * configuration, not the worker; what must not be forgotten is in the dead letters and in the status.
 */
export class ErrorGroups {
  readonly #clock: Clock;
  /** By fingerprint; the one seen longest ago is first. */
  readonly #groups = new Map<string, Kept & { readonly group: Omit<ErrorGroup, LiveField> }>();
  /** INV-6: so many kinds; then the one seen longest ago is forgotten. */
  groupsMax = 100;
  #forgotten = 0;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** How many kinds were forgotten, since there were too many. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get since(): string {
    return timeText(this.#sinceMs);
  }

  add(sighting: ErrorSighting, redact: Redact): void {
    const nowMs = this.#clock.nowMs();
    const { stage, className, error } = sighting;
    const exception = describe(error, stage, redact);
    const fingerprint = fingerprintOf({
      stage: stage ?? '',
      className,
      exceptionClass: exception.class,
      message: exception.message,
    });
    const known = this.#groups.get(fingerprint);
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, {
      count: (known?.count ?? 0) + 1,
      firstMs: known?.firstMs ?? nowMs,
      lastMs: nowMs,
      outcome: sighting.outcome,
      group: {
        fingerprint,
        stage: stage ?? (sighting.task === undefined ? 'CONNECTOR' : 'TASK'),
        class: className,
        exception: { ...exception, causes: causesOf(error, redact) },
        remedy: hintOf(error, redact),
        sample: sampleOf(sighting, redact),
      },
    });
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= this.groupsMax) break;
      this.#groups.delete(oldest);
      this.#forgotten++;
    }
  }

  /** The one seen last is first. */
  list(): readonly ErrorGroup[] {
    return [...this.#groups.values()]
      .map(({ group, count, firstMs, lastMs, outcome }) => ({
        ...group,
        count,
        first_seen: timeText(firstMs),
        last_seen: timeText(lastMs),
        outcome,
      }))
      .reverse();
  }

  clear(): void {
    this.#groups.clear();
    this.#forgotten = 0;
    this.#sinceMs = this.#clock.nowMs();
  }
}

type LiveField = 'count' | 'first_seen' | 'last_seen' | 'outcome';

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function describe(error: unknown, stage: Stage | undefined, redact: Redact): ErrorCause {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...(error instanceof MillraceError ? { code: error.code } : {}),
    class: exceptionClassOf(error, stage),
    message: redact(message).slice(0, TEXT_CHARS_MAX),
  };
}

function causesOf(error: unknown, redact: Redact): readonly ErrorCause[] {
  const causes: ErrorCause[] = [];
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && current !== null && causes.length < CAUSES_MAX) {
    causes.push(describe(current, undefined, redact));
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}

/** Of the error, or of the first cause that knows. */
function hintOf(error: unknown, redact: Redact): string | null {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth++) {
    if (current instanceof MillraceError && current.hint !== undefined) return redact(current.hint);
    current = current.cause;
  }
  return null;
}

/** A sink's record by topic, partition and offset; a source's by its own partition and offset too. */
function sampleOf({ task, where }: ErrorSighting, redact: Redact): Record<string, unknown> {
  return {
    ...(task === undefined ? {} : { task }),
    ...(where === undefined ? {} : coordinatesJson(where, redact)),
  };
}

export function coordinatesJson(
  { topic, partition, offset }: Pick<DeadLetter, 'topic' | 'partition' | 'offset'>,
  redact: Redact,
): Record<string, unknown> {
  return /^\d+$/.test(partition) && /^\d+$/.test(offset)
    ? { topic, partition: Number(partition), offset: Number(offset) }
    : {
        topic,
        source_partition: parsedJson(redact(partition)),
        source_offset: parsedJson(redact(offset)),
      };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Written by another worker, in whatever form.
  }
}
