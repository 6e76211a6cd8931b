import { createServer } from 'node:net';
import {
  defineFields,
  defineSource,
  fatalError,
  isAborted,
  sourceRecord,
  type SourceConnector,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from '@millrace/connector-api';
import type { SourceSubject, SourceWorld } from '../src/contract/contract.ts';

/** What a task may do wrong; the suite must name each. */
export interface SourceFaults {
  readonly skipsOneAtResume?: boolean;
  readonly repeatsOneAtResume?: boolean;
  readonly startsAnew?: boolean;
  readonly forgetsAtPoll?: boolean;
  readonly forgetsMoreThanCommitted?: boolean;
  readonly swaps?: boolean;
  readonly losesAtCommit?: boolean;
  readonly changesAfterReturn?: boolean;
  readonly reusesRecord?: boolean;
  readonly form?: Pick<SourceRecord, 'partition'> | Pick<SourceRecord, 'timestampMs'>;
  readonly offset?: (position: number) => unknown;
  readonly ignoresAbort?: boolean;
  readonly hangsAtStop?: boolean;
  readonly throwsAtSecondStop?: boolean;
  readonly throwsAtStopWithoutStart?: boolean;
  readonly waitsForEver?: boolean;
  readonly leaves?: 'timer' | 'socket' | 'process listener';
  readonly sharesState?: boolean;
  readonly refusesUnknownKeys?: boolean;
  readonly passesPoisonOver?: boolean;
  readonly throwsPlainError?: boolean;
  readonly hasTextMetrics?: boolean;
  readonly takesAnyOffset?: boolean;
  readonly interruptionIsFatal?: boolean;
  readonly ignoresAbortWhileHanging?: boolean;
}

/** Numbers from 1 in memory, some of which can't be read; what was committed may be forgotten. */
class Numbers implements SourceWorld {
  readonly #items: (number | 'poison')[] = [];
  readonly config = { world: '' };
  forgottenTo = 0;
  isHanging = false;
  interruptions = 0;

  constructor(name: string) {
    this.config = { world: name };
    worlds.set(name, this);
  }

  get items(): readonly (number | 'poison')[] {
    return this.#items;
  }

  produce(count: number): Promise<readonly string[]> {
    const made = Array.from({ length: count }, (_, index) => this.#items.length + index + 1);
    this.#items.push(...made);
    return Promise.resolve(made.map(String));
  }

  poison(): Promise<void> {
    this.#items.push('poison');
    return Promise.resolve();
  }

  hang(): Promise<void> {
    this.isHanging = true;
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.interruptions++;
    return Promise.resolve();
  }

  identify(record: SourceRecord): string | undefined {
    try {
      return String(record.value);
    } catch {
      return undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    worlds.delete(this.config.world);
    return Promise.resolve();
  }
}

const worlds = new Map<string, Numbers>();
let opened = 0;
const shared = { position: 0 };

class CountingTask implements SourceTask {
  readonly #faults: SourceFaults;
  #context: SourceTaskContext | undefined;
  #position = 0;
  #stops = 0;
  #interruptions = 0;
  #last: Record<string, unknown> | undefined;

  constructor(faults: SourceFaults) {
    this.#faults = faults;
  }

  async start(context: SourceTaskContext, signal: AbortSignal): Promise<void> {
    const { skipsOneAtResume, repeatsOneAtResume, startsAnew, leaves, refusesUnknownKeys } =
      this.#faults;
    this.#context = context;
    if (refusesUnknownKeys === true && Object.keys(context.config).length > 1)
      throw fatalError('count.key', 'unknown key');
    const world = this.#world();
    if (world.isHanging) await this.#hang(signal);
    this.#interruptions = world.interruptions;
    const offset = context.offsets.find({ world: context.config['world'] ?? '' });
    this.#position = startsAnew === true ? 0 : Number(offset?.['position'] ?? 0);
    if (offset !== undefined && skipsOneAtResume === true) this.#position++;
    if (offset !== undefined && repeatsOneAtResume === true) this.#position--;
    if (this.#faults.sharesState === true) shared.position = this.#position;
    if (leaves === 'timer') garbage.push(setInterval(() => undefined, 60_000));
    if (leaves === 'socket') garbage.push(createServer().listen(0, '127.0.0.1'));
    if (leaves === 'process listener') process.setMaxListeners(100).on('SIGUSR2', () => undefined);
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const faults = this.#faults;
    const world = this.#world();
    if (world.isHanging) await this.#hang(signal);
    if (faults.ignoresAbort !== true) signal.throwIfAborted();
    if (world.interruptions > this.#interruptions) {
      this.#interruptions = world.interruptions;
      if (faults.interruptionIsFatal === true) throw fatalError('count.cut', 'cut off');
    }
    if (faults.changesAfterReturn === true && this.#last !== undefined) this.#last['value'] = -1;
    const position = faults.sharesState === true ? shared.position : this.#position;
    const items = world.items.slice(Math.max(position, world.forgottenTo));
    const start = Math.max(position, world.forgottenTo);
    if (items.length === 0) {
      if (faults.waitsForEver === true || faults.ignoresAbort === true)
        await (faults.ignoresAbort === true ? new Promise(() => undefined) : aborted(signal));
      await this.#context?.clock.sleep(2, signal);
      return [];
    }
    const records = items.flatMap((item, index) => this.#record(item, start + index + 1));
    this.#position = world.items.length;
    shared.position = this.#position;
    if (faults.forgetsAtPoll === true) world.forgottenTo = this.#position;
    if (faults.swaps === true && records.length > 2) records.unshift(...records.splice(1, 1));
    this.#last = records.at(-1) as unknown as Record<string, unknown>;
    const [first] = records;
    if (faults.reusesRecord === true && first !== undefined)
      for (const record of records) Object.assign(first, record);
    return faults.reusesRecord === true
      ? records.map(() => first).filter((each) => each !== undefined)
      : records;
  }

  #record(item: number | 'poison', position: number): readonly SourceRecord[] {
    const { form, offset, passesPoisonOver, throwsPlainError } = this.#faults;
    if (item === 'poison' && passesPoisonOver === true) return [];
    if (item === 'poison' && throwsPlainError === true) throw new TypeError('x is not a function');
    const record = sourceRecord({
      topic: 'numbers',
      value: item,
      sourcePartition: { world: this.#world().config.world },
      sourceOffset: { position: (offset?.(position) ?? position) as number },
      ...form,
    });
    if (item !== 'poison') return [record];
    return [
      Object.defineProperty(record, 'value', {
        get: () => {
          throw fatalError('count.poison', 'it is no number');
        },
      }),
    ];
  }

  commit(
    offsets: readonly { readonly offset: Readonly<Record<string, unknown>> }[],
  ): Promise<void> {
    const position = Number(offsets[0]?.offset['position'] ?? 0);
    const world = this.#world();
    const { forgetsMoreThanCommitted, losesAtCommit } = this.#faults;
    const forgotten = forgetsMoreThanCommitted === true ? world.items.length : position;
    world.forgottenTo = Math.max(world.forgottenTo, forgotten);
    if (losesAtCommit === true) this.#position++;
    return Promise.resolve();
  }

  metrics(): Readonly<Record<string, number>> {
    return (
      this.#faults.hasTextMetrics === true ? { position: 'far' } : { position: this.#position }
    ) as Record<string, number>;
  }

  async stop(): Promise<void> {
    this.#stops++;
    if (this.#faults.hangsAtStop === true) await new Promise(() => undefined);
    if (this.#faults.throwsAtSecondStop === true && this.#stops > 1)
      throw new Error('stopped already');
    if (this.#faults.throwsAtStopWithoutStart === true && this.#context === undefined)
      throw new TypeError('context is undefined');
  }

  #hang(signal: AbortSignal): Promise<never> {
    return this.#faults.ignoresAbortWhileHanging === true
      ? new Promise(() => undefined)
      : aborted(signal);
  }

  #world(): Numbers {
    const world = worlds.get(this.#context?.config['world'] ?? '');
    if (world === undefined || isAborted(undefined))
      throw fatalError('count.world', 'there is no such world');
    return world;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

const garbage: (NodeJS.Timeout | ReturnType<typeof createServer>)[] = [];

/** What faulty tasks left behind. */
export function clearGarbage(): void {
  for (const each of garbage.splice(0))
    if ('close' in each && 'address' in each) each.close();
    else clearInterval(each);
  process.removeAllListeners('SIGUSR2');
}

export function countingSource(
  faults: SourceFaults = {},
  more: Partial<SourceConnector> = {},
): SourceSubject {
  return {
    connector: defineSource({
      name: 'count',
      version: '1.0.0',
      fields: defineFields({
        world: { type: 'STRING', doc: 'Which numbers.' },
        'batch.size': { type: 'INT', default: 10, doc: 'How many at once.' },
      }),
      createTask: () => new CountingTask(faults),
      alterOffsets: (_config, offsets) => {
        for (const { partition, offset } of offsets)
          if (
            faults.takesAnyOffset !== true &&
            (typeof partition['world'] !== 'string' ||
              (offset !== null && typeof offset['position'] !== 'number'))
          )
            throw fatalError('count.offset', 'no such offset');
        return Promise.resolve(true);
      },
      ...more,
    }),
    open: () => Promise.resolve(new Numbers(`w${++opened}`)),
    limitMs: 250,
  };
}
