import { isAborted, isRetriable, MillraceError } from '@millrace/foundation';
import {
  apis,
  errorByCode,
  ErrorCode,
  errorFromCode,
  type FetchResponse,
  type FetchResponsePartition,
} from '@millrace/kafka-protocol';
import { Alarm } from './alarm.ts';
import type { BrokerLinks } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import type { FetchOptions, OffsetReset, PollOptions } from './consumer-api.ts';
import { fetchFailed, logTruncated, notAssigned, offsetOutOfRange } from './errors.ts';
import { FetchSession, SESSION_ERRORS } from './fetch-session.ts';
import { FetchMemory } from './fetch-memory.ts';
import { settingsOf, type FetchSettings } from './fetch-settings.ts';
import { keyOf, newState, sourceOf, targetOf, type FetchState } from './fetch-state.ts';
import type { ConsumedRecord, TopicPartition } from './records.ts';
import { placeResets } from './reset-placement.ts';
import { FETCH_NAMES_VERSION_MAX } from './topic-ids.ts';
import { Wake } from './wake.ts';

/** A long poll ends sooner when a partition that is left out will have room soon. */
const BUSY_WAIT_MS = 20;
/** Of a long poll that can be ended when something else is to be fetched: nobody need ask again meanwhile. */
const UNHURRIED_WAIT_MS = 10_000;

/** One for all: nobody reads it. */
const OTHERS_WANTED = new Error('other partitions are wanted');

/** A request for records that has no answer yet. */
interface Fetching {
  /** By partition: what was asked, as of which version. */
  readonly asked: ReadonlyMap<string, { readonly state: FetchState; readonly version: number }>;
  /** Aborted for its answer, if it waits for long. */
  readonly hurry: AbortController | undefined;
}

/**
 * Keeps one fetch on its way to each broker that leads assigned partitions, and the answers in
 * buffers until `poll` takes them. INV-6: a partition is fetched only while less than
 * `maxPartitionFetchBytes` of it wait, and while less than `fetchMaxBytes` wait in all.
 */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #links: BrokerLinks;
  readonly #settings: FetchSettings;
  readonly #resetPolicy: OffsetReset;
  readonly #states = new Map<string, FetchState>();
  /** In the order of their turns. */
  readonly #ready = new Set<FetchState>();
  /** By broker. */
  readonly #fetching = new Map<number, Fetching>();
  readonly #sessions = new Map<number, FetchSession>();
  readonly #alarm: Alarm;
  readonly #stop = new AbortController();
  readonly #memory: FetchMemory | undefined;
  readonly wake: Wake;
  #isRefreshing = false;
  #isResetting = false;
  #error: MillraceError | undefined;
  #versions = 0;

  constructor(cluster: Cluster, options: FetchOptions, resetPolicy: OffsetReset) {
    this.#cluster = cluster;
    this.#links = cluster.newLinks();
    this.#resetPolicy = resetPolicy;
    this.#settings = settingsOf(options, cluster);
    this.#memory = this.#settings.recyclesMemory ? new FetchMemory() : undefined;
    this.wake = new Wake(cluster.watch);
    this.#alarm = new Alarm(cluster.settings.clock, () => this.pump());
  }

  /** By topic and partition. */
  assignment(): TopicPartition[] {
    return [...this.#states.values()]
      .map(({ topic, partition }) => ({ topic, partition }))
      .sort((a, b) =>
        a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
      );
  }

  has(topic: string, partition: number): boolean {
    return this.#states.has(keyOf(topic, partition));
  }

  /** A new partition, which stays silent until `seek` or `reset` says where to begin. */
  add(topic: string, partition: number): void {
    if (this.has(topic, partition)) return;
    this.#states.set(
      keyOf(topic, partition),
      newState(topic, partition, this.#nextVersion(), this.#memory),
    );
  }

  remove(topic: string, partition: number): void {
    const state = this.#states.get(keyOf(topic, partition));
    if (state === undefined) return;
    this.#discard(state);
    this.#states.delete(keyOf(topic, partition));
  }

  /** Assigned, and neither placed nor about to be. */
  unplaced(): TopicPartition[] {
    return [...this.#states.values()]
      .filter(({ position, reset }) => position === undefined && reset === undefined)
      .map(({ topic, partition }) => ({ topic, partition }));
  }

  get isPlaced(): boolean {
    return [...this.#states.values()].every(({ position }) => position !== undefined);
  }

  position(topic: string, partition: number): number | undefined {
    return this.#states.get(keyOf(topic, partition))?.position;
  }

  lag(topic: string, partition: number): number | undefined {
    const { endOffset, position } = this.#states.get(keyOf(topic, partition)) ?? {};
    if (endOffset === undefined || position === undefined) return undefined;
    return Math.max(0, endOffset - position);
  }

  seek(topic: string, partition: number, offset: number, leaderEpoch = -1): void {
    const state = this.#find(topic, partition);
    this.#discard(state);
    state.position = offset;
    state.fetchFrom = offset;
    state.lastEpoch = leaderEpoch;
    state.reset = undefined;
    state.retryNotBeforeMs = 0;
    this.pump();
  }

  reset(topic: string, partition: number, to: Exclude<OffsetReset, 'none'>): void {
    const state = this.#find(topic, partition);
    this.#discard(state);
    state.position = undefined;
    state.reset = to;
    state.retryNotBeforeMs = 0;
    this.pump();
  }

  pause(topic: string, partition: number, isPaused: boolean): void {
    const state = this.#find(topic, partition);
    state.isPaused = isPaused;
    if (!isPaused) {
      if (!state.buffer.isEmpty) this.wake.ring();
      this.pump();
    }
  }

  paused(): TopicPartition[] {
    return [...this.#states.values()]
      .filter(({ isPaused }) => isPaused)
      .map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Waits for records; `[]` after the time-out, or when `wake` rang for another reason. */
  async poll({ timeoutMs, signal }: PollOptions): Promise<ConsumedRecord[]> {
    const { clock } = this.#cluster.settings;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (let hasWaited = false; ; hasWaited = true) {
      signal?.throwIfAborted();
      const records = await this.#take();
      this.pump();
      if (records.length > 0) return records;
      const leftMs = deadlineMs - clock.monotonicMs();
      if (hasWaited && leftMs <= 0) this.#memory?.rest();
      // The bell rings for data most of the time; its other reasons want poll to return.
      if (leftMs <= 0 || (hasWaited && this.#ready.size === 0 && this.#error === undefined)) {
        return records;
      }
      await this.wake.wait(leftMs, signal);
    }
  }

  /** Nobody reads the bytes of these records any more. */
  recycle(records: readonly ConsumedRecord[]): void {
    if (this.#memory === undefined) return;
    let state: FetchState | undefined;
    for (const record of records) {
      if (state?.topic !== record.topic || state.partition !== record.partition)
        state = this.#states.get(keyOf(record.topic, record.partition));
      state?.buffer.recycle(record);
    }
  }

  /** Sends what can be sent. Cheap when there is nothing to do. */
  pump(): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#cluster.settings.clock.monotonicMs();
    const toRefresh = new Set<string>();
    const byLeader = new Map<number, { states: FetchState[]; isPartial: boolean }>();
    let dueMs = Infinity;
    let hasResets = false;
    const bufferedBytes = this.#bufferedBytes();
    for (const state of this.#states.values()) {
      if (state.retryNotBeforeMs > nowMs) {
        dueMs = Math.min(dueMs, state.retryNotBeforeMs);
        continue;
      }
      if (state.reset !== undefined) hasResets = true;
      if (state.position === undefined || state.isPaused) continue;
      const leader = sourceOf(this.#cluster, state, nowMs);
      if (leader === undefined || this.#cluster.isStale(state.topic)) toRefresh.add(state.topic);
      if (leader === undefined) continue;
      const fetching = this.#fetching.get(leader.id);
      if (fetching !== undefined) {
        const askedVersion = fetching.asked.get(keyOf(state.topic, state.partition))?.version;
        if (askedVersion !== state.version) fetching.hurry?.abort(OTHERS_WANTED);
        continue;
      }
      const group = byLeader.get(leader.id) ?? { states: [], isPartial: false };
      byLeader.set(leader.id, group);
      const isFull =
        state.buffer.byteLength >= this.#settings.maxPartitionFetchBytes ||
        bufferedBytes >= this.#settings.fetchMaxBytes;
      if (isFull) group.isPartial = true;
      else group.states.push(state);
    }
    for (const [leaderId, { states, isPartial }] of byLeader) {
      if (states.length > 0) void this.#fetch(leaderId, states, isPartial);
    }
    if (hasResets) void this.#resolveResets();
    if (toRefresh.size > 0) this.#refresh(toRefresh);
    this.#alarm.set(dueMs);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#alarm.clear();
    this.wake.ring();
    for (const state of this.#states.values()) this.#discard(state);
    await this.#links.close();
  }

  async #take(): Promise<ConsumedRecord[]> {
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      throw error;
    }
    const records: ConsumedRecord[] = [];
    for (const state of [...this.#ready]) {
      if (records.length >= this.#settings.maxPollRecords) break;
      if (state.isPaused || state.position === undefined) continue;
      const { version, buffer } = state;
      const taken: ConsumedRecord[] = records.length === 0 ? records : [];
      const room = this.#settings.maxPollRecords - records.length;
      const position = await buffer.take(taken, room, state.position);
      if (state.version !== version) {
        // Moved or taken away while a batch was decompressed.
        if (taken === records) records.length = 0;
        continue;
      }
      state.position = position;
      if (taken !== records) for (const record of taken) records.push(record);
      this.#ready.delete(state);
      if (!buffer.isEmpty) this.#ready.add(state);
    }
    return records;
  }

  async #fetch(leaderId: number, states: readonly FetchState[], isPartial: boolean): Promise<void> {
    const leader = this.#cluster.findBroker(leaderId);
    if (leader === undefined) return;
    const asked = new Map<string, { state: FetchState; version: number }>();
    for (const state of states) {
      asked.set(keyOf(state.topic, state.partition), { state, version: state.version });
    }
    const session = this.#sessionWith(leaderId);
    const { usesIds, namesById, ...composed } = session.compose(
      states.map((state) => targetOf(this.#cluster, state, this.#settings.maxPartitionFetchBytes)),
    );
    const topics = new Set(states.map(({ topic }) => topic));
    const { fetchMaxBytes, fetchMaxWaitMs, fetchMinBytes, isolationLevel } = this.#settings;
    const { requestTimeoutMs } = this.#settings;
    const link = this.#links.to(leader);
    // With one byte being enough, nobody can tell how long the broker waits for none.
    const hurry =
      link.canHurry && !isPartial && fetchMinBytes <= 1 ? new AbortController() : undefined;
    const patienceMs =
      hurry === undefined ? fetchMaxWaitMs : Math.max(fetchMaxWaitMs, UNHURRIED_WAIT_MS);
    this.#fetching.set(leaderId, { asked, hurry });
    try {
      const answer = await link.request(
        apis.fetch,
        {
          maxWaitMs: isPartial ? Math.min(BUSY_WAIT_MS, fetchMaxWaitMs) : patienceMs,
          minBytes: fetchMinBytes,
          maxBytes: Math.max(1, fetchMaxBytes - this.#bufferedBytes()),
          isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
          rackId: this.#settings.rackId,
          ...composed,
        },
        {
          versionMax: usesIds ? apis.fetch.maxVersion : FETCH_NAMES_VERSION_MAX,
          timeoutMs: requestTimeoutMs + patienceMs,
          ...(hurry === undefined ? {} : { hurry: hurry.signal }),
          ...(this.#memory === undefined ? {} : { memory: this.#memory }),
        },
      );
      this.#fetching.delete(leaderId);
      session.answered(answer.errorCode === 0 ? answer.sessionId : 0);
      this.#readAnswer(asked, namesById, answer);
    } catch (error) {
      this.#fetching.delete(leaderId);
      session.reset();
      if (isAborted(this.#stop.signal)) return;
      if (isRetriable(error)) {
        for (const { state } of asked.values()) this.#backOff(state);
        this.#refresh(topics);
      } else this.#fail(error);
    }
    this.pump();
  }

  #readAnswer(
    asked: ReadonlyMap<string, { readonly state: FetchState; readonly version: number }>,
    namesById: ReadonlyMap<string | undefined, string>,
    answer: FetchResponse,
  ): void {
    // The session is begun anew, at once.
    if (SESSION_ERRORS.has(answer.errorCode)) return;
    if (answer.errorCode !== 0) throw errorFromCode(answer.errorCode, 'fetch');
    // What was empty goes to the end: a broker fills its answer in the order of the question.
    for (const { topic, topicId, partitions } of answer.responses) {
      const name = topic === '' ? (namesById.get(topicId) ?? '') : topic;
      for (const partition of partitions) {
        const key = keyOf(name, partition.partitionIndex);
        const question = asked.get(key);
        if (question === undefined || question.state.version !== question.version) continue;
        this.#readPartition(question.state, partition);
        const hasRecords = partition.records !== null && partition.records.byteLength > 0;
        if (!hasRecords || this.#states.get(key) !== question.state) continue;
        this.#states.delete(key);
        this.#states.set(key, question.state);
      }
    }
  }

  #readPartition(state: FetchState, partition: FetchResponsePartition): void {
    const { topic, partition: index } = state;
    const { divergingEpoch, errorCode, preferredReadReplica } = partition;
    if (errorCode !== 0 && state.readReplica !== undefined) {
      state.readReplica = undefined; // what a follower can't give, the leader may
      return;
    }
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#readOutOfRange(state);
      return;
    }
    if (errorCode === 0 && divergingEpoch.endOffset >= 0) {
      this.#readDivergence(state, divergingEpoch.endOffset);
      return;
    }
    if (errorCode === 0 && preferredReadReplica >= 0) {
      const { clock, metadataMaxAgeMs } = this.#cluster.settings;
      const untilMs = clock.monotonicMs() + metadataMaxAgeMs;
      state.readReplica = { id: preferredReadReplica, untilMs };
      return;
    }
    if (errorCode !== 0) {
      const error = errorFromCode(errorCode, `fetch from ${topic}-${index}`);
      if (errorByCode(errorCode).isRetriable) {
        this.#backOff(state);
        this.#refresh([topic]);
      } else this.#fail(error);
      return;
    }
    state.endOffset =
      this.#settings.isolationLevel === 'read_committed'
        ? partition.lastStableOffset
        : partition.highWatermark;
    if (partition.records === null || partition.records.byteLength === 0) return;
    try {
      const isCommittedOnly = this.#settings.isolationLevel === 'read_committed';
      const aborted = isCommittedOnly ? (partition.abortedTransactions ?? []) : [];
      const next = state.buffer.add(partition.records, aborted);
      if (next === undefined) return;
      state.fetchFrom = next.offset;
      state.lastEpoch = next.leaderEpoch;
    } catch (error) {
      this.#backOff(state); // asked again when somebody polls on
      this.#fail(error);
      return;
    }
    this.#ready.add(state);
    if (!state.isPaused) this.wake.ring();
  }

  #readOutOfRange(state: FetchState): void {
    const { topic, partition, fetchFrom } = state;
    if (!state.buffer.isEmpty) {
      // What is here already comes first; asked again when it is taken.
      this.#backOff(state);
      return;
    }
    if (state.lastEpoch >= 0) {
      state.lastEpoch = -1; // perhaps only the epoch is too old for the broker to know
      return;
    }
    if (this.#resetPolicy === 'none') {
      this.#backOff(state);
      this.#fail(offsetOutOfRange(topic, partition, fetchFrom));
      return;
    }
    this.#cluster.settings.log.warn(
      { topic, partition, offset: fetchFrom, reset: this.#resetPolicy },
      'position is outside of the log and is reset; records between may be lost or read again',
    );
    this.reset(topic, partition, this.#resetPolicy);
  }

  /** Records that we have read are gone: the log goes on differently from `endOffset` on. */
  #readDivergence(state: FetchState, endOffset: number): void {
    const { partition, position = endOffset, topic } = state;
    if (endOffset >= position) {
      // Only what waits in the buffer is concerned; it is fetched again.
      this.seek(topic, partition, position);
      return;
    }
    if (this.#resetPolicy === 'none') {
      this.#backOff(state);
      this.#fail(logTruncated(topic, partition, position, endOffset));
      return;
    }
    this.#cluster.settings.log.warn(
      { topic, partition, position, endOffset },
      'the log was truncated below the position; reading on from where it parted',
    );
    this.seek(topic, partition, endOffset);
  }

  #sessionWith(brokerId: number): FetchSession {
    let session = this.#sessions.get(brokerId);
    if (session === undefined) {
      session = new FetchSession();
      this.#sessions.set(brokerId, session);
    }
    return session;
  }

  async #resolveResets(): Promise<void> {
    if (this.#isResetting) return;
    this.#isResetting = true;
    const nowMs = this.#cluster.settings.clock.monotonicMs();
    const waiting = [...this.#states.values()].filter(
      ({ reset, retryNotBeforeMs }) => reset !== undefined && retryNotBeforeMs <= nowMs,
    );
    try {
      await placeResets(this.#cluster, waiting, this.#settings.isolationLevel);
      this.wake.ring();
    } catch (error) {
      if (isAborted(this.#stop.signal)) return;
      for (const state of waiting) this.#backOff(state);
      if (!isRetriable(error)) this.#fail(error);
    } finally {
      this.#isResetting = false;
    }
    this.pump();
  }

  #bufferedBytes(): number {
    let bytes = 0;
    for (const { buffer } of this.#states.values()) bytes += buffer.byteLength;
    return bytes;
  }

  #backOff(state: FetchState): void {
    state.retryNotBeforeMs =
      this.#cluster.settings.clock.monotonicMs() + this.#settings.retryBackoffMs;
  }

  /** `poll` throws it. */
  #fail(error: unknown): void {
    this.#error ??= error instanceof MillraceError ? error : fetchFailed(error);
    this.wake.ring();
  }

  #discard(state: FetchState): void {
    state.buffer.clear();
    state.version = this.#nextVersion();
    this.#ready.delete(state);
  }

  #refresh(topics: Iterable<string>): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const { clock, log } = this.#cluster.settings;
    this.#cluster
      .refresh(topics)
      .catch(async (error: unknown) => {
        if (this.#stop.signal.aborted) return;
        log.debug({ err: error }, 'metadata was not refreshed');
        if (!isRetriable(error)) this.#fail(error);
        await clock.sleep(this.#settings.retryBackoffMs, this.#stop.signal);
      })
      .then(
        () => {
          this.#isRefreshing = false;
          this.pump();
        },
        () => undefined, // stopped
      );
  }

  #find(topic: string, partition: number): FetchState {
    const state = this.#states.get(keyOf(topic, partition));
    if (state === undefined) throw notAssigned(topic, partition);
    return state;
  }

  #nextVersion(): number {
    this.#versions += 1;
    return this.#versions;
  }
}
