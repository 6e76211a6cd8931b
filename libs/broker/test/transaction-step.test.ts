import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@millrace/kafka-protocol';
import {
  newTransaction,
  onePartition,
  type Transaction,
  type TransactionState,
} from '../src/transactions/transaction-state.ts';
import {
  needsProducerId,
  stepTransaction,
  type EndEvent,
  type InitEvent,
  type ProducerAnswer,
  type TransactionEffect,
  type TransactionEvent,
} from '../src/transactions/transaction-step.ts';

const EPOCH_LAST = 32_766;
const FRESH = 77;

/** A transactional id whose stores and markers succeed at once. */
class Scene {
  readonly transaction: Transaction = newTransaction('t', 1, 1000, 0);
  nowMs = 0;
  readonly stored: TransactionState[] = [];
  readonly marked: TransactionState[] = [];
  /** Markers stay on their way. */
  holdsMarkers = false;

  run(event: TransactionEvent): readonly TransactionEffect[] {
    const effects = stepTransaction(this.transaction, event, this.nowMs);
    const all = [...effects];
    for (const effect of effects) {
      if (effect.kind === 'store') {
        this.stored.push(effect.next);
        all.push(...this.run({ kind: 'stored', errorCode: 0 }));
      } else if (effect.kind === 'write-markers') {
        this.marked.push(effect.state);
        if (!this.holdsMarkers) all.push(...this.run({ kind: 'markers-written' }));
      }
    }
    return all;
  }

  answer(event: TransactionEvent): ProducerAnswer {
    for (const effect of this.run(event)) if (effect.kind === 'answer') return effect.answer;
    throw new Error('no answer');
  }

  init(more: Partial<InitEvent> = {}): ProducerAnswer {
    return this.answer({
      ...{ kind: 'init', token: 1, timeoutMs: 1000, expected: undefined },
      freshProducerId: undefined,
      ...more,
    });
  }

  add(topic: string, epoch: number, clientVersion = 2): number {
    const { producerId } = this.transaction.state;
    const partitions = onePartition(topic, 0);
    return this.answer({ kind: 'add', token: 2, producerId, epoch, partitions, clientVersion })
      .errorCode;
  }

  end(epoch: number, more: Partial<EndEvent> = {}): ProducerAnswer {
    const { producerId } = this.transaction.state;
    return this.answer({
      ...{ kind: 'end', token: 3, producerId, epoch, isCommit: true, clientVersion: 2 },
      freshProducerId: undefined,
      ...more,
    });
  }

  /** As if the epochs up to this one had been used. */
  at(epoch: number): this {
    this.transaction.state = { ...this.transaction.state, epoch };
    return this;
  }
}

describe('the begin of a producer', () => {
  test('gives epochs from 0 on', () => {
    const scene = new Scene();
    expect(scene.init()).toEqual({ errorCode: 0, producerId: 1, epoch: 0 });
    expect(scene.init()).toEqual({ errorCode: 0, producerId: 1, epoch: 1 });
  });

  test('with the last epoch of an id needs another id', () => {
    const scene = new Scene().at(EPOCH_LAST);
    const event: InitEvent = {
      ...{ kind: 'init', token: 1, timeoutMs: 1000, expected: undefined },
      freshProducerId: undefined,
    };
    expect(needsProducerId(scene.transaction, event)).toBe(true);
    expect(scene.init({ freshProducerId: FRESH })).toEqual({
      errorCode: 0,
      producerId: FRESH,
      epoch: 0,
    });
    expect(scene.stored.at(-1)?.previousProducerId).toBe(1);
  });

  test('after an error goes on with the next epoch, once; a retry gets the same (KIP-360)', () => {
    const scene = new Scene().at(4);
    const expected = { producerId: 1, epoch: 4 };
    expect(scene.init({ expected })).toMatchObject({ errorCode: 0, epoch: 5 });
    expect(scene.init({ expected })).toMatchObject({ errorCode: 0, epoch: 5 });
    scene.init();
    expect(scene.init({ expected }).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
    expect(scene.init({ expected: { producerId: 9, epoch: 4 } }).errorCode).toBe(
      ErrorCode.PRODUCER_FENCED,
    );
  });

  test('aborts what is open under an epoch of its own', () => {
    const scene = new Scene().at(3);
    scene.add('a', 3);
    expect(scene.init().errorCode).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
    expect(scene.marked).toMatchObject([{ phase: 'PrepareAbort', epoch: 4 }]);
    expect(scene.init()).toMatchObject({ errorCode: 0, epoch: 5 });
    expect(scene.add('a', 3)).toBe(ErrorCode.PRODUCER_FENCED);
  });
});

describe('the end of a transaction', () => {
  test('keeps the epoch of clients before KIP-890, and is the same when it is asked again', () => {
    const scene = new Scene().at(3);
    scene.add('a', 3, 0);
    expect(scene.end(3, { clientVersion: 0 })).toMatchObject({ errorCode: 0, epoch: 3 });
    expect(scene.transaction.state).toMatchObject({ phase: 'CompleteCommit', epoch: 3 });
    expect(scene.end(3, { clientVersion: 0 }).errorCode).toBe(0);
    expect(scene.end(3, { clientVersion: 0, isCommit: false }).errorCode).toBe(
      ErrorCode.INVALID_TXN_STATE,
    );
    expect(scene.end(4, { clientVersion: 0 }).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
  });

  test('gives clients of KIP-890 the next epoch, which the markers carry', () => {
    const scene = new Scene().at(3);
    scene.add('a', 3);
    expect(scene.end(3)).toMatchObject({ errorCode: 0, epoch: 4 });
    expect(scene.marked).toMatchObject([{ phase: 'PrepareCommit', epoch: 4 }]);
    expect(scene.end(3)).toMatchObject({ errorCode: 0, epoch: 4 });
    expect(scene.end(2).errorCode).toBe(ErrorCode.PRODUCER_FENCED);
  });

  test('with the last epoch gives another id; both its retry and the next transaction are understood', () => {
    const scene = new Scene().at(EPOCH_LAST);
    scene.add('a', EPOCH_LAST);
    scene.holdsMarkers = true;
    const next = { errorCode: 0, producerId: FRESH, epoch: 0 };
    expect(scene.end(EPOCH_LAST, { freshProducerId: FRESH })).toEqual(next);
    expect(scene.marked).toMatchObject([{ producerId: 1, epoch: EPOCH_LAST + 1 }]);
    // Its markers are on their way, and the client is ahead of them.
    const early = scene.answer({
      ...{ kind: 'add', token: 4, producerId: FRESH, epoch: 0, clientVersion: 2 },
      partitions: onePartition('a', 0),
    });
    expect(early.errorCode).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
    expect(scene.end(0, { producerId: FRESH, isCommit: false }).errorCode).toBe(
      ErrorCode.CONCURRENT_TRANSACTIONS,
    );
    scene.run({ kind: 'markers-written' });
    expect(scene.transaction.state).toMatchObject({
      producerId: FRESH,
      previousProducerId: 1,
      epoch: 0,
      phase: 'CompleteCommit',
    });
    expect(scene.end(EPOCH_LAST, { producerId: 1 })).toEqual(next);
    expect(scene.add('a', 0)).toBe(0);
  });

  test('without a transaction is an error, but for an abort of KIP-890', () => {
    const scene = new Scene().at(3);
    expect(scene.end(3).errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(scene.end(3, { clientVersion: 0, isCommit: false }).errorCode).toBe(
      ErrorCode.INVALID_TXN_STATE,
    );
    expect(scene.end(3, { isCommit: false })).toMatchObject({ errorCode: 0, epoch: 4 });
    expect(scene.transaction.state).toMatchObject({ phase: 'CompleteAbort', epoch: 4 });
  });

  test('is answered once it is durable, and the markers follow that', () => {
    const { transaction } = new Scene().at(3);
    const step = (event: TransactionEvent): readonly string[] =>
      stepTransaction(transaction, event, 0).map(({ kind }) => kind);
    const add = { token: 2, producerId: 1, epoch: 3, partitions: onePartition('a', 0) };
    expect(step({ kind: 'add', clientVersion: 0, ...add })).toEqual(['store']);
    expect(step({ kind: 'stored', errorCode: 0 })).toEqual(['answer']);
    const end: EndEvent = {
      ...{ kind: 'end', token: 3, producerId: 1, epoch: 3, isCommit: true, clientVersion: 0 },
      freshProducerId: undefined,
    };
    expect(step(end)).toEqual(['store']);
    expect(step(end)).toEqual(['answer']); // come again
    expect(step({ kind: 'stored', errorCode: 15 })).toEqual(['answer']);
    expect(transaction.state.phase).toBe('Ongoing');
    expect(step(end)).toEqual(['store']);
    expect(step({ kind: 'stored', errorCode: 0 })).toEqual(['answer', 'write-markers']);
    expect(step({ kind: 'markers-written' })).toEqual(['store']);
    expect(step({ kind: 'stored', errorCode: 15 })).toEqual(['retry-completion']);
    expect(step({ kind: 'markers-written' })).toEqual(['store']);
    expect(step({ kind: 'stored', errorCode: 0 })).toEqual([]);
    expect(transaction.state.phase).toBe('CompleteCommit');
  });
});

describe('the clock', () => {
  test('aborts what is open for longer than its time-out, and the client gets the new epoch by its abort', () => {
    const scene = new Scene().at(3);
    scene.add('a', 3);
    scene.nowMs = 1000;
    expect(scene.run({ kind: 'time-passed' })).toEqual([]);
    scene.nowMs = 1001;
    scene.run({ kind: 'time-passed' });
    expect(scene.transaction.state).toMatchObject({ phase: 'CompleteAbort', epoch: 4 });
    expect(scene.end(3).errorCode).toBe(ErrorCode.INVALID_TXN_STATE);
    expect(scene.end(3, { isCommit: false })).toMatchObject({ errorCode: 0, epoch: 4 });
  });

  test('lets ids expire that have no transaction, and no others', () => {
    const scene = new Scene().at(3);
    scene.add('a', 3);
    expect(scene.run({ kind: 'expire' })).toEqual([]);
    scene.end(3);
    expect(scene.run({ kind: 'expire' })).toEqual([{ kind: 'store-tombstone' }]);
    expect(scene.add('a', 4)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
    expect(scene.run({ kind: 'stored', errorCode: 0 })).toEqual([{ kind: 'forget' }]);
  });
});
