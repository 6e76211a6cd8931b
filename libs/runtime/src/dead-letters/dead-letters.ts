import { resolveConfig } from '@millrace/config';
import type { Clock, Logger, Random } from '@millrace/foundation';
import type { ConsumedRecord } from '@millrace/kafka-client';
import { producerOptions } from '../config/client-overrides.ts';
import { connectorRedactor } from '../config/connector-redactor.ts';
import { errorFields } from '../config/error-fields.ts';
import { listOf } from '../config/prefixes.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { LetterOrigin } from '../errors/letter-record.ts';
import { redactingLogger } from '../errors/redacting-logger.ts';
import type { ConnectorConfig } from '../herder.ts';
import type { LogClient } from '../clients/log-client.ts';
import type { ConnectorPlugin, PluginRegistry } from '../plugins/plugin-registry.ts';
import type { SourceOffsets } from '../stores/offset-store.ts';
import { buildPipeline, closePipeline } from '../tasks/pipeline.ts';
import { TopicCreation } from '../tasks/topic-creation.ts';
import { viewOf, type DeadLetterView } from './letter-view.ts';
import { ReplayLedger } from './replay-ledger.ts';
import type { ReplayRequest, ReplayStatus } from './replay-status.ts';
import type { ReplayTarget } from './replay-target.ts';
import { Replay } from './replay.ts';
import { scanSpan, spansOf, type PartitionSpan } from './scan.ts';
import { isOf, isSelected, type LetterSelection } from './selection.ts';
import { originalOf, SinkPreview, SinkTarget, type ReplayingTask } from './sink-target.ts';
import { sourceObstacle, SourceTarget } from './source-target.ts';
import { readLetter, type StoredLetter } from './stored-letter.ts';

export interface DeadLetterQuery extends LetterSelection {
  /** At most so many letters; default 50. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

export interface DeadLetterPage {
  readonly connector: string;
  readonly topic: string;
  readonly letters: readonly DeadLetterView[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
}

/** A connector as it is configured now. */
export interface LetterOwner {
  readonly name: string;
  readonly plugin: ConnectorPlugin;
  readonly stored: ConnectorConfig;
  /** Its placeholders replaced. */
  readonly resolved: ConnectorConfig;
  /** The running tasks of a sink. */
  readonly tasks: () => readonly ReplayingTask[];
}

export interface DeadLettersOptions {
  readonly worker: WorkerSettings;
  readonly registry: PluginRegistry;
  readonly client: LogClient;
  readonly offsets: SourceOffsets;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const PAGE_LETTERS = 50;
/** INV-6: what one request looks at, whatever it finds; the next page goes on there. */
const PAGE_SCAN_MAX = 10_000;
const PAGE_LETTERS_MAX = 1000;
/** Replays whose outcome can be asked for, of one connector. */
const REPLAYS_KEPT = 20;

/** The dead letters of this worker's connectors, and their replays. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #replays = new Map<string, Replay[]>();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  async list(owner: LetterOwner, query: DeadLetterQuery): Promise<DeadLetterPage> {
    const topic = topicOf(owner);
    const { client } = this.#options;
    const { limit = PAGE_LETTERS } = query;
    if (limit < 1 || limit > PAGE_LETTERS_MAX)
      throw badRequest(`limit must be between 1 and ${PAGE_LETTERS_MAX}`);
    const signal = new AbortController().signal;
    const found: StoredLetter[] = [];
    let scanned = 0;
    let next: string | null = null;
    for (const span of pageSpans(await spansOf(client, topic), query)) {
      if (found.length >= limit) {
        next = `${span.partition}:${span.from}`;
        break;
      }
      const stoppedAt = await scanSpan(client, topic, span, signal, (records) => {
        for (const record of records) {
          if (found.length >= limit || scanned >= PAGE_SCAN_MAX) return record.offset;
          scanned++;
          const letter = readLetter(ownCopy(record));
          if (isOf(owner.name, letter) && isSelected(query, letter)) found.push(letter);
        }
        return undefined;
      });
      if (stoppedAt === undefined) continue;
      next = `${span.partition}:${stoppedAt}`;
      break;
    }
    return { connector: owner.name, topic, letters: await this.#views(owner, found, false), next };
  }

  async show(owner: LetterOwner, partition: number, offset: number): Promise<DeadLetterView> {
    const topic = topicOf(owner);
    const { client } = this.#options;
    let found: StoredLetter | undefined;
    for (const span of await spansOf(client, topic)) {
      const isInside = offset >= span.from && offset < span.end;
      if (span.partition !== partition || !isInside) continue;
      const one = { partition, from: offset, end: offset + 1 };
      await scanSpan(client, topic, one, new AbortController().signal, ([record]) => {
        if (record !== undefined) found = readLetter(ownCopy(record));
        return record?.offset;
      });
    }
    const [view] = await this.#views(owner, found === undefined ? [] : [found], true);
    if (view === undefined)
      throw notFound(
        `There is no dead letter at partition ${partition}, offset ${offset} of topic ${topic}`,
      );
    return view;
  }

  /** Returns once it runs. @throws MillraceError `connect.conflict` while another one does */
  async replay(owner: LetterOwner, request: ReplayRequest): Promise<Replay> {
    const { client, worker, clock, random, log } = this.#options;
    const { name, resolved } = owner;
    const topic = topicOf(owner);
    const isDry = request.dry_run === true;
    const target = await this.#targetOf(owner, isDry);
    // No other request comes between here and the entry below.
    const known = this.#replays.get(name) ?? [];
    const running = known.find((each) => each.isRunning && !each.isDry);
    if (running !== undefined && !isDry) {
      target.close();
      throw conflict(`replay ${running.id} of ${name} is running; wait for it, or cancel it`);
    }
    if (known.filter((each) => each.isRunning).length >= REPLAYS_KEPT)
      throw conflict(`${REPLAYS_KEPT} replays of ${name} are running`);
    const redact = connectorRedactor(owner, this.#options);
    const origin = originOf(owner, topic, redact);
    const replay = new Replay({
      id: Buffer.from(random.nextBytes(6)).toString('hex'),
      connector: name,
      request,
      origin,
      client,
      ledger: this.#ledgerOf(name, topic),
      target,
      obstacleOf: (letter) => obstacleOf(owner, letter),
      producer: isDry
        ? undefined
        : client.transactionalProducer({
            ...producerOptions(worker, resolved),
            acks: 'all',
            enableIdempotence: true,
            transactionalId: `${worker.fields['group.id']}-${name}-dead-letters`,
          }),
      clock,
      random,
      log: redactingLogger(log, redact).child({ connector: name }),
    });
    const kept = [replay, ...known].filter((each, index) => each.isRunning || index < REPLAYS_KEPT);
    this.#replays.set(name, kept);
    void replay.start();
    return replay;
  }

  replays(name: string): readonly ReplayStatus[] {
    return (this.#replays.get(name) ?? []).map((replay) => replay.status());
  }

  find(name: string, id: string): Replay {
    const replay = this.#replays.get(name)?.find((each) => each.id === id);
    if (replay !== undefined) return replay;
    throw notFound(
      `There is no replay ${id} of connector ${name}`,
      'replays are remembered while the worker runs; what they did is not forgotten',
    );
  }

  /** The connector changes or goes: what is delivered counts. Nobody waits, since the target may hang. */
  stop(name: string, why: string): void {
    for (const replay of this.#replays.get(name) ?? []) if (replay.isRunning) replay.abort(why);
  }

  forget(name: string): void {
    this.#replays.delete(name);
  }

  /** Resolves when no replay goes on, or after the grace period of tasks. */
  async close(): Promise<void> {
    const { clock, worker } = this.#options;
    const ending = [...this.#replays.values()]
      .flat()
      .filter((each) => each.isRunning)
      .map((replay) => replay.cancel('the worker is shutting down'));
    if (ending.length === 0) return;
    const timer = new AbortController();
    const graceMs = worker.fields['task.shutdown.graceful.timeout.ms'] * 2;
    const tooLate = clock.sleep(graceMs, timer.signal).catch(() => undefined);
    await Promise.race([Promise.all(ending), tooLate]);
    timer.abort();
  }

  #ledgerOf(name: string, topic: string): ReplayLedger {
    return new ReplayLedger(this.#options.offsets, name, topic);
  }

  async #views(
    owner: LetterOwner,
    letters: readonly StoredLetter[],
    hasTrace: boolean,
  ): Promise<readonly DeadLetterView[]> {
    const { registry, worker } = this.#options;
    const { name, resolved } = owner;
    const pipeline = await buildPipeline(resolved, worker, registry);
    const redact = connectorRedactor(owner, this.#options);
    const ledger = this.#ledgerOf(name, topicOf(owner));
    try {
      const views: DeadLetterView[] = [];
      for (const letter of letters) {
        const isReplayed = ledger.of(letter.record.partition).has(letter.record.offset);
        const obstacle = obstacleOf(owner, letter);
        views.push(await viewOf(letter, { pipeline, redact, isReplayed, obstacle, hasTrace }));
      }
      return views;
    } finally {
      closePipeline(pipeline);
    }
  }

  async #targetOf(owner: LetterOwner, isDry: boolean): Promise<ReplayTarget> {
    const { registry, worker, client, log } = this.#options;
    const { plugin, resolved, tasks } = owner;
    if (plugin.kind === 'sink' && !isDry) {
      if (tasks().length === 0)
        throw conflict(
          `no task of ${owner.name} is running: its running tasks deliver the letters, so start, resume or restart it first`,
        );
      return new SinkTarget(tasks, (letter) => mustOriginal(owner, letter));
    }
    const pipeline = await buildPipeline(resolved, worker, registry);
    if (plugin.kind === 'sink')
      return new SinkPreview(pipeline, (letter) => mustOriginal(owner, letter));
    const creation = worker.fields['topic.creation.enable']
      ? TopicCreation.from(resolved, client, log)
      : undefined;
    return new SourceTarget({
      pipeline,
      onTopic: async (topic) => (isDry ? undefined : creation?.ensure(topic)),
    });
  }
}

function topicOf({ name, resolved }: LetterOwner): string {
  const topic = (resolved['errors.deadletterqueue.topic.name'] ?? '').trim();
  if (topic === '')
    throw badRequest(
      `Connector ${name} sets no records aside`,
      'set errors.tolerance=all and errors.deadletterqueue.topic.name',
    );
  return topic;
}

function originOf(owner: LetterOwner, topic: string, redact: LetterOrigin['redact']): LetterOrigin {
  const fields = resolveConfig(errorFields, owner.resolved, 'connector configuration');
  return {
    topic,
    hasContextHeaders: fields['errors.deadletterqueue.context.headers.enable'],
    connector: owner.name,
    task: 0,
    redact,
  };
}

function obstacleOf(owner: LetterOwner, letter: StoredLetter): string | undefined {
  if (owner.plugin.kind === 'source') return sourceObstacle(letter);
  return originalOf(letter, onlyTopicOf(owner)) === undefined
    ? 'the letter does not say which topic its record was in: errors.deadletterqueue.context.headers.enable was not true when it was written'
    : undefined;
}

function mustOriginal(owner: LetterOwner, letter: StoredLetter): ConsumedRecord {
  const original = originalOf(letter, onlyTopicOf(owner));
  if (original === undefined) throw badRequest('a letter without a topic can not be replayed');
  return original;
}

/** A sink of one topic knows where its letters are from. */
function onlyTopicOf({ resolved }: LetterOwner): string | undefined {
  const topics = listOf(resolved['topics']);
  return topics.length === 1 ? topics[0] : undefined;
}

/** `from` below zero counts from the end of each partition. */
function pageSpans(
  spans: readonly PartitionSpan[],
  { partition, from = 0, to = Infinity, cursor }: DeadLetterQuery,
): readonly PartitionSpan[] {
  const [, atPartition = '-1', atOffset = '0'] = /^(\d+):(\d+)$/.exec(cursor ?? '') ?? [];
  if (cursor !== undefined && atPartition === '-1')
    throw badRequest('cursor must be what the page before gave as "next"');
  return spans.flatMap((span) => {
    if (partition !== undefined && span.partition !== partition) return [];
    if (span.partition < Number(atPartition)) return [];
    const asked = from < 0 ? span.end + from : from;
    const goOn = span.partition === Number(atPartition) ? Number(atOffset) : 0;
    const first = Math.max(span.from, asked, goOn);
    const end = Math.min(span.end, to + 1);
    return first < end ? [{ partition: span.partition, from: first, end }] : [];
  });
}

/** What was fetched is lent until the next fetch. */
function ownCopy(record: ConsumedRecord): ConsumedRecord {
  const copy = (bytes: Uint8Array | null): Uint8Array | null =>
    bytes === null ? null : Buffer.from(bytes);
  return {
    ...record,
    key: copy(record.key),
    value: copy(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: copy(value) })),
  };
}
