import { errorFromData, errorToData, type ErrorData } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import { conflict } from '../errors.ts';
import type { ReplayedRecord } from '../tasks/sink-replays.ts';

/** Dead letters on their way into the thread of a sink, and what became of them on the way back. */
export type ReplayOrder =
  | { readonly kind: 'replay'; readonly id: number; readonly records: readonly ConsumedRecord[] }
  | { readonly kind: 'cancel-replay'; readonly id: number };

export type ReplayAnswer =
  | { readonly kind: 'replayed'; readonly id: number; readonly records: readonly CrossingRecord[] }
  | { readonly kind: 'not-replayed'; readonly id: number; readonly error: ErrorData };

type Failed = Extract<ReplayedRecord, { kind: 'failed' }>;
type CrossingRecord =
  Exclude<ReplayedRecord, Failed> | (Omit<Failed, 'error'> & { readonly error: ErrorData });

/** The worker's side. */
export class ReplayCalls {
  readonly #tell: (order: ReplayOrder) => void;
  readonly #waiting = new Map<
    number,
    {
      readonly resolve: (records: readonly ReplayedRecord[]) => void;
      readonly reject: (error: Error) => void;
    }
  >();
  #lastId = 0;
  #hasEnded = false;

  constructor(tell: (order: ReplayOrder) => void) {
    this.#tell = tell;
  }

  async replay(
    records: readonly ConsumedRecord[],
    signal: AbortSignal,
  ): Promise<readonly ReplayedRecord[]> {
    signal.throwIfAborted();
    if (this.#hasEnded) throw conflict('the task has ended');
    const id = ++this.#lastId;
    const onAbort = (): void => this.#tell({ kind: 'cancel-replay', id });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#tell({ kind: 'replay', id, records: records.map(withOwnBytes) });
      });
    } finally {
      this.#waiting.delete(id);
      signal.removeEventListener('abort', onAbort);
    }
  }

  take(answer: ReplayAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.kind === 'not-replayed') waiting?.reject(errorFromData(answer.error));
    else
      waiting?.resolve(
        answer.records.map((record) =>
          record.kind === 'failed' ? { ...record, error: errorFromData(record.error) } : record,
        ),
      );
  }

  /** What is not answered is as if the task had not taken it, or not said so. */
  end(): void {
    this.#hasEnded = true;
    for (const { reject } of this.#waiting.values()) reject(conflict('the task has ended'));
  }
}

/** The thread's side. */
export class ReplayServer {
  readonly #tell: (answer: ReplayAnswer) => void;
  readonly #cancels = new Map<number, AbortController>();

  constructor(tell: (answer: ReplayAnswer) => void) {
    this.#tell = tell;
  }

  cancel(id: number): void {
    this.#cancels.get(id)?.abort(new Error('the replay was cancelled'));
  }

  async run(
    id: number,
    replay: (signal: AbortSignal) => Promise<readonly ReplayedRecord[]>,
  ): Promise<void> {
    const cancel = new AbortController();
    this.#cancels.set(id, cancel);
    try {
      const records = await replay(cancel.signal);
      this.#tell({
        kind: 'replayed',
        id,
        records: records.map((record) =>
          record.kind === 'failed' ? { ...record, error: errorToData(record.error) } : record,
        ),
      });
    } catch (error) {
      this.#tell({ kind: 'not-replayed', id, error: errorToData(error) });
    } finally {
      this.#cancels.delete(id);
    }
  }
}

/** A clone of a view is a clone of all that lies behind it. */
function withOwnBytes(record: ConsumedRecord): ConsumedRecord {
  const { key, value, headers } = record;
  return {
    ...record,
    key: ownBytes(key),
    value: ownBytes(value),
    headers: headers.map((header) => ({ ...header, value: ownBytes(header.value) })),
  };
}

function ownBytes(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : new Uint8Array(bytes);
}
