import { ErrorCode, type FetchRequest, type FetchResponseInput } from '@millrace/kafka-protocol';
import type { Random } from '@millrace/foundation';
import { FetchSession, nextEpoch } from './fetch-session.ts';

export interface FetchSessionLimits {
  /** `max.incremental.fetch.session.cache.slots` */
  readonly sessionsMax: number;
  /** `max.incremental.fetch.session.cache.partitions` */
  readonly partitionsMax: number;
}

/** How one request is read and answered. */
export interface FetchContext {
  /** What is read. */
  readonly topics: FetchRequest['topics'];
  /** What of the answer is told, and under which session. */
  finish(responses: FetchResponseInput['responses']): FetchResponseInput;
}

/** Kafka's: a session that was used within it is not put out for another one. */
const EVICTION_MS = 120_000;
const NO_SESSION = 0;
const FIRST_EPOCH = 0;
const LAST_EPOCH = -1;
const TOPIC_IDS_SINCE = 13;
const ID_MAX = 0x7fff_fffe;

/** INV-6: the sessions of all readers. One that finds no room goes on without, which is slower but right. */
export class FetchSessions {
  readonly #limits: FetchSessionLimits;
  readonly #random: Random;
  readonly #sessions = new Map<number, FetchSession>();
  #partitionCount = 0;
  #evictions = 0;

  constructor(limits: FetchSessionLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Partitions of all sessions together. */
  get partitionCount(): number {
    return this.#partitionCount;
  }

  get evictions(): number {
    return this.#evictions;
  }

  /** How to answer a request, or the error code for the whole of it. */
  contextFor(request: FetchRequest, version: number, nowMs: number): FetchContext | number {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch !== FIRST_EPOCH && sessionEpoch !== LAST_EPOCH)
      return this.#incremental(request, version, nowMs);
    // A reader that begins anew or ends gives its former session up.
    if (sessionId !== NO_SESSION) this.#remove(sessionId);
    if (sessionEpoch === LAST_EPOCH) return sessionless(request.topics);
    return {
      topics: request.topics,
      finish: (responses) => {
        const session = this.#create(request, version, nowMs);
        session?.news(responses);
        return { errorCode: ErrorCode.NONE, sessionId: session?.id ?? NO_SESSION, responses };
      },
    };
  }

  #incremental(request: FetchRequest, version: number, nowMs: number): FetchContext | number {
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    if (session.epoch !== request.sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH;
    if (session.usesTopicIds !== version >= TOPIC_IDS_SINCE)
      return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
    const before = session.size;
    session.update(request.topics, request.forgottenTopicsData);
    this.#partitionCount += session.size - before;
    if (session.size === 0) {
      this.#remove(session.id);
      return sessionless([]);
    }
    if (this.#partitionCount > this.#limits.partitionsMax && session.size > before) {
      this.#remove(session.id);
      return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    }
    // The least recently used one comes first.
    session.lastUsedMs = nowMs;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    session.advance();
    const expected = nextEpoch(request.sessionEpoch);
    return {
      topics: session.topics,
      finish: (responses) =>
        // While this one waited, another request of the session may have come by another connection.
        session.epoch === expected
          ? {
              errorCode: ErrorCode.NONE,
              sessionId: session.id,
              responses: session.news(responses),
            }
          : { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, responses: [] },
    };
  }

  #create(request: FetchRequest, version: number, nowMs: number): FetchSession | undefined {
    const replicaId = Math.max(request.replicaId, request.replicaState.replicaId);
    const session = new FetchSession(this.#newId(), {
      usesTopicIds: version >= TOPIC_IDS_SINCE,
      isPrivileged: replicaId >= 0,
      nowMs,
    });
    session.update(request.topics, []);
    if (!this.#makeRoom(session, nowMs)) return undefined;
    if (this.#partitionCount + session.size > this.#limits.partitionsMax) return undefined;
    this.#sessions.set(session.id, session);
    this.#partitionCount += session.size;
    return session;
  }

  /** Kafka's rules: an idle session goes first, then the smallest that is less worth than the new one. */
  #makeRoom(session: FetchSession, nowMs: number): boolean {
    const { sessionsMax } = this.#limits;
    if (sessionsMax === 0) return false;
    if (this.#sessions.size < sessionsMax) return true;
    const [oldest] = this.#sessions.values();
    if (oldest !== undefined && nowMs - oldest.lastUsedMs > EVICTION_MS) return this.#evict(oldest);
    let smallest: FetchSession | undefined;
    for (const each of this.#sessions.values()) {
      const isSettled = nowMs - each.createdMs > EVICTION_MS;
      const isEvictable = isSettled || (session.isPrivileged && !each.isPrivileged);
      if (isEvictable && (smallest === undefined || compareWorth(each, smallest) < 0))
        smallest = each;
    }
    if (smallest === undefined || compareWorth(session, smallest) < 0) return false;
    return this.#evict(smallest);
  }

  #evict(session: FetchSession): true {
    this.#evictions += 1;
    this.#remove(session.id);
    return true;
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#partitionCount -= session.size;
  }

  #newId(): number {
    for (;;) {
      const id = 1 + this.#random.nextInt(ID_MAX);
      if (!this.#sessions.has(id)) return id;
    }
  }
}

function compareWorth(one: FetchSession, other: FetchSession): number {
  return (
    Number(one.isPrivileged) - Number(other.isPrivileged) ||
    one.size - other.size ||
    one.id - other.id
  );
}

function sessionless(topics: FetchRequest['topics']): FetchContext {
  return {
    topics,
    finish: (responses) => ({ errorCode: ErrorCode.NONE, sessionId: NO_SESSION, responses }),
  };
}
