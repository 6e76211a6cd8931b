import { assert, type Logger } from '@millrace/foundation';
import { ErrorCode } from '@millrace/kafka-protocol';
import type { GroupEntry } from '../group-entry.ts';
import { groupErrorCode, groupRecord } from '../group-records.ts';
import type { GroupTable } from '../group-table.ts';
import { refusedJoin, refusedSync } from './answers.ts';
import type {
  GroupEffect,
  GroupEvent,
  HeartbeatEvent,
  JoinAnswer,
  JoinEvent,
  LeaveEvent,
  SyncAnswer,
  SyncEvent,
} from './events.ts';
import type { GroupLimits, GroupRecord, GroupState, Token } from './group-state.ts';
import { stepGroup } from './group-step.ts';

type Asked<Event> = Omit<Event, 'kind' | 'token'>;

/** Drives classic groups: hands events to the step function, answers who waits, stores what must be durable. */
export class ClassicGroups {
  readonly #table: GroupTable;
  readonly #limits: GroupLimits;
  readonly #log: Logger;
  readonly #joins = new Map<Token, (answer: JoinAnswer) => void>();
  readonly #syncs = new Map<Token, (answer: SyncAnswer) => void>();
  readonly #heartbeats = new Map<Token, (errorCode: number) => void>();
  readonly #leaves = new Map<Token, (errorCodes: readonly number[]) => void>();
  #nextToken = 1;

  constructor(table: GroupTable, limits: GroupLimits, log: Logger) {
    this.#table = table;
    this.#limits = limits;
    this.#log = log;
  }

  join(entry: GroupEntry, request: Asked<JoinEvent>, answer: (answer: JoinAnswer) => void): void {
    const token = this.#token(this.#joins, answer);
    this.step(entry, { ...request, kind: 'join', token });
  }

  sync(entry: GroupEntry, request: Asked<SyncEvent>, answer: (answer: SyncAnswer) => void): void {
    const token = this.#token(this.#syncs, answer);
    this.step(entry, { ...request, kind: 'sync', token });
  }

  heartbeat(
    entry: GroupEntry,
    request: Asked<HeartbeatEvent>,
    answer: (errorCode: number) => void,
  ): void {
    const token = this.#token(this.#heartbeats, answer);
    this.step(entry, { ...request, kind: 'heartbeat', token });
  }

  leave(
    entry: GroupEntry,
    request: Asked<LeaveEvent>,
    answer: (errorCodes: readonly number[]) => void,
  ): void {
    const token = this.#token(this.#leaves, answer);
    this.step(entry, { ...request, kind: 'leave', token });
  }

  /** Answers everybody who waits for other members. */
  close(): void {
    const errorCode = ErrorCode.COORDINATOR_NOT_AVAILABLE;
    for (const resolve of this.#joins.values()) resolve(refusedJoin('', errorCode));
    for (const resolve of this.#syncs.values()) resolve(refusedSync(errorCode));
    this.#joins.clear();
    this.#syncs.clear();
  }

  step(entry: GroupEntry, event: GroupEvent): void {
    assert(entry.group.kind === 'classic', 'the group is classic');
    const { state } = entry.group;
    for (const effect of stepGroup(state, event, this.#limits, this.#table.nowMs()))
      this.#perform(entry, state, effect);
    this.#table.tidy(entry);
  }

  #perform(entry: GroupEntry, state: GroupState, effect: GroupEffect): void {
    switch (effect.kind) {
      case 'answer-join':
        settle(this.#joins, effect.token, effect.answer);
        break;
      case 'answer-sync':
        settle(this.#syncs, effect.token, effect.answer);
        break;
      case 'answer-heartbeat':
        settle(this.#heartbeats, effect.token, effect.errorCode);
        break;
      case 'answer-leave':
        settle(this.#leaves, effect.token, effect.errorCodes);
        break;
      case 'store-group':
        void this.#storeGroup(entry, state, effect.generation, effect.record);
        break;
    }
  }

  async #storeGroup(
    entry: GroupEntry,
    state: GroupState,
    generation: number,
    record: GroupRecord,
  ): Promise<void> {
    const { groupId } = entry;
    const errorCode = groupErrorCode(
      await this.#table.store(entry, [groupRecord(groupId, record)]),
    );
    if (errorCode !== ErrorCode.NONE)
      this.#log.warn(
        { group: groupId, generation, errorCode },
        'a group could not be stored; its members join again',
      );
    this.#table.submit(groupId, () => {
      const isSame = this.#table.find(groupId) === entry && entry.group.state === state;
      if (!this.#table.isClosed && isSame)
        this.step(entry, { kind: 'group-stored', generation, errorCode });
    });
  }

  #token<T>(waiting: Map<Token, T>, resolve: T): Token {
    const token = this.#nextToken;
    this.#nextToken += 1;
    waiting.set(token, resolve);
    return token;
  }
}

function settle<T>(waiting: Map<Token, (answer: T) => void>, token: Token, answer: T): void {
  const resolve = waiting.get(token);
  waiting.delete(token);
  // Answered before only when the coordinator is closing.
  resolve?.(answer);
}
