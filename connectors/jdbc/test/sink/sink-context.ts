import type { SinkTaskContext } from '@millrace/connector-api';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import type { Header, Schema, SinkRecord } from '@millrace/record';

/** What a test says of a record; the rest does not matter to the sink. */
export interface RecordDraft {
  readonly topic?: string;
  readonly key?: unknown;
  readonly keySchema?: Schema | null;
  readonly value?: unknown;
  readonly valueSchema?: Schema | null;
  readonly headers?: readonly Header[];
  readonly offset?: number;
}

export function sinkRecord(draft: RecordDraft): SinkRecord {
  const topic = draft.topic ?? 'shop.public.items';
  return {
    topic,
    partition: 0,
    keySchema: draft.keySchema ?? null,
    key: draft.key ?? null,
    valueSchema: draft.valueSchema ?? null,
    value: draft.value ?? null,
    timestampMs: 0,
    headers: draft.headers ?? [],
    offset: draft.offset ?? 0,
    timestampType: 'create',
    originalTopic: topic,
    originalPartition: 0,
    originalOffset: draft.offset ?? 0,
    raw: { key: null, value: null, headers: [] },
  };
}

export function sinkContext(config: Readonly<Record<string, string>>): SinkTaskContext {
  return {
    connector: 'jdbc-test',
    task: 0,
    config,
    log: silentLogger,
    clock: systemClock,
    random: systemRandom,
    seek: () => undefined,
    requestCommit: () => undefined,
    assignment: () => [],
    pause: () => undefined,
    resume: () => undefined,
    report: () => Promise.resolve(),
  };
}

/** A change event of Debezium as JSON without schemas. */
export function changeEvent(
  op: string,
  row: Readonly<Record<string, unknown>> | null,
  table = 'items',
): Readonly<Record<string, unknown>> {
  return {
    before: op === 'd' ? row : null,
    after: op === 'd' || op === 't' ? null : row,
    source: { connector: 'postgresql', name: 'shop', schema: 'public', table },
    op,
    ts_ms: 1,
  };
}
