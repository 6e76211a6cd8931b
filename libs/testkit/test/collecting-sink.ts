import {
  defineFields,
  defineSink,
  fatalError,
  jsonText,
  MillraceError,
  resolveConfig,
  retriableError,
  type RecordFailure,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type TopicPartitionOffset,
} from '@millrace/connector-api';
import type { SinkSubject, SinkWorld } from '../src/contract/contract.ts';

/** What a task may do wrong; the suite must name each. */
export interface SinkFaults {
  readonly confirmsBeforeDelivery?: boolean;
  readonly deliversAtStopOnly?: boolean;
  readonly losesTheLastOfABatch?: boolean;
  readonly reorders?: boolean;
  readonly doubles?: boolean;
  readonly changesRecords?: boolean;
  readonly dropsPoison?: boolean;
  readonly failsTheBatch?: boolean;
  readonly namesAllAsBad?: boolean;
  readonly throwsPlainError?: boolean;
  readonly retriesPoisonForEver?: boolean;
  readonly ignoresAbort?: boolean;
  readonly hangsAtStop?: boolean;
  readonly throwsAtSecondStop?: boolean;
  readonly confirmsTooMuch?: boolean;
  readonly losesAtClose?: boolean;
  readonly losesAtInterruption?: boolean;
  readonly interruptionIsFatal?: boolean;
  readonly leaksTimer?: boolean;
  readonly sharesState?: boolean;
  readonly hasTextMetrics?: boolean;
  readonly refusesUnknownKeys?: boolean;
  readonly needsUsAtTombstone?: boolean;
}

const fields = defineFields({ world: { type: 'STRING', doc: 'Which target.' } });

class Target implements SinkWorld {
  readonly config: { readonly world: string };
  readonly numbers: number[] = [];
  isHanging = false;
  interruptions = 0;

  constructor(name: string) {
    this.config = { world: name };
    targets.set(name, this);
  }

  record(number: number): Partial<SinkRecord> {
    return { key: number, value: number };
  }

  poison(): Partial<SinkRecord> {
    return { key: 2, value: new Map([[{}, new Date(0)]]) };
  }

  delivered(): Promise<readonly number[]> {
    return Promise.resolve([...this.numbers]);
  }

  hang(): Promise<void> {
    this.isHanging = true;
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.interruptions++;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    targets.delete(this.config.world);
    return Promise.resolve();
  }
}

const targets = new Map<string, Target>();
let opened = 0;
let shared: number[] = [];

/** Buffers until `flush`. */
class CollectingTask implements SinkTask {
  readonly #faults: SinkFaults;
  #target: Target | undefined;
  #own: number[] = [];
  #stops = 0;
  #interruptions = 0;

  constructor(faults: SinkFaults) {
    this.#faults = faults;
  }

  async start({ config }: SinkTaskContext, signal: AbortSignal): Promise<void> {
    if (this.#faults.refusesUnknownKeys === true && Object.keys(config).length > 2)
      throw fatalError('collect.key', 'unknown key');
    this.#target = targets.get(resolveConfig(fields, config).world);
    this.#interruptions = this.#target?.interruptions ?? 0;
    if (this.#target?.isHanging === true) await this.#hang(signal);
    if (this.#faults.leaksTimer === true) timers.push(setInterval(() => undefined, 60_000));
    if (this.#faults.sharesState === true) shared = [];
  }

  get #buffer(): number[] {
    return this.#faults.sharesState === true ? shared : this.#own;
  }

  async put(
    records: readonly SinkRecord[],
    signal: AbortSignal,
  ): Promise<readonly RecordFailure[]> {
    const faults = this.#faults;
    const target = this.#target;
    if (target?.isHanging === true) await this.#hang(signal);
    if (faults.ignoresAbort !== true) signal.throwIfAborted();
    if (target !== undefined && target.interruptions > this.#interruptions) {
      this.#interruptions = target.interruptions;
      if (faults.losesAtInterruption !== true) {
        if (faults.interruptionIsFatal === true) throw fatalError('collect.cut', 'cut off');
        throw retriableError('collect.cut', 'cut off');
      }
      return [];
    }
    const failures: RecordFailure[] = [];
    const numbers: number[] = [];
    for (const [index, record] of records.entries()) {
      if (faults.changesRecords === true) Object.assign(record, { topic: 'mine' });
      try {
        if (faults.needsUsAtTombstone === true && record.value === null)
          throw new TypeError("can't read properties of null");
        jsonText(record.valueSchema, record.value);
        numbers.push(Number(record.key));
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        if (faults.throwsPlainError === true) throw new TypeError('x is not a function');
        if (faults.retriesPoisonForEver === true) throw retriableError('collect.poison', 'bad');
        if (faults.failsTheBatch === true) throw error;
        if (faults.dropsPoison !== true) failures.push({ index, error });
      }
    }
    if (faults.losesTheLastOfABatch === true && numbers.length > 1) numbers.pop();
    if (faults.reorders === true) numbers.reverse();
    if (faults.doubles === true) numbers.push(...numbers);
    this.#buffer.push(...numbers);
    if (faults.namesAllAsBad === true && failures.length > 0)
      return records.map((_, index) => ({ index, error: fatalError('collect.all', 'bad') }));
    return failures;
  }

  async flush(
    consumed: readonly TopicPartitionOffset[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[] | undefined> {
    if (this.#target?.isHanging === true) await this.#hang(signal);
    if (this.#faults.confirmsBeforeDelivery === true) return undefined;
    if (this.#faults.deliversAtStopOnly === true) return undefined;
    this.#deliver();
    return this.#faults.confirmsTooMuch === true
      ? consumed.map((each) => ({ ...each, offset: each.offset + 1 }))
      : undefined;
  }

  close(): Promise<void> {
    if (this.#faults.losesAtClose === true) this.#target?.numbers.pop();
    return Promise.resolve();
  }

  metrics(): Readonly<Record<string, number>> {
    return (this.#faults.hasTextMetrics === true ? { lag: 'much' } : { lag: 0 }) as Record<
      string,
      number
    >;
  }

  async stop(): Promise<void> {
    this.#stops++;
    if (this.#faults.hangsAtStop === true) await new Promise(() => undefined);
    if (this.#faults.deliversAtStopOnly === true) this.#deliver();
    if (this.#faults.throwsAtSecondStop === true && this.#stops > 1)
      throw new Error('stopped already');
  }

  #deliver(): void {
    this.#target?.numbers.push(...this.#buffer.splice(0));
  }

  #hang(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      const end = (): void =>
        reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
      if (this.#faults.ignoresAbort === true) return;
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}

const timers: NodeJS.Timeout[] = [];

export function clearTimers(): void {
  for (const timer of timers.splice(0)) clearInterval(timer);
}

export function collectingSink(faults: SinkFaults = {}): SinkSubject {
  return {
    connector: defineSink({
      name: 'collect',
      version: '1.0.0',
      fields,
      createTask: () => new CollectingTask(faults),
    }),
    open: () => Promise.resolve(new Target(`t${++opened}`)),
    limitMs: 250,
  };
}
