import { systemClock } from '@millrace/foundation';
import { outcome } from '../outcomes.ts';
import type { Outcome } from '../suite.ts';
import { compareTopics } from './compare-events.ts';
import type { Peer, Peers, Settings, SideName } from './peers.ts';
import { MARKS, type Variant, type World } from './world.ts';

const DEADLINE_MS = 180_000;
const POLL_MS = 100;
/** A failure ends the wait early; it is looked for each second. */
const ROUNDS_BETWEEN_FAILURES = 10;

/** The database that a world lives in, and what its connectors are told of it. */
export interface WorldDatabase {
  /** One statement at a time. */
  run(sql: string): Promise<unknown>;
  settings(variant: Variant, side: SideName): Settings;
  /** True once all that is written from now on comes from the stream of a connector whose snapshot is done. */
  streams(variant: Variant, side: SideName, peer: Peer): Promise<boolean>;
  end(): Promise<void>;
}

/** Runs a world on both sides and compares what came of each of its variants. */
export class WorldRun {
  readonly #world: World;
  readonly #database: WorldDatabase;
  readonly #peers: Peers;
  /** Why a variant could not be compared. */
  readonly #failures = new Map<string, string>();
  #marks = 0;

  private constructor(world: World, database: WorldDatabase, peers: Peers) {
    this.#world = world;
    this.#database = database;
    this.#peers = peers;
  }

  static async prepare(world: World, database: WorldDatabase, peers: Peers): Promise<WorldRun> {
    const run = new WorldRun(world, database, peers);
    for (const sql of world.setup) await run.#do(sql);
    await run.#do(`create table ${MARKS} (id int primary key)`);
    await run.#do(`insert into ${MARKS} values (0)`);
    return run;
  }

  /** Both connectors of every variant, each up to where its stream begins. */
  async start(): Promise<void> {
    for (const variant of this.#world.variants)
      await this.#guard(variant, async () => {
        for (const [side, peer] of this.#peers.both)
          await peer.put(variant.name, this.#config(variant, side));
      });
    await this.#everywhere(async (variant, side, peer) => {
      if (variant.hasSnapshot !== false)
        await this.#until(variant, side, peer, () => this.#hasCount(variant, peer, MARKS, 1));
      if (variant.streams !== false)
        await this.#until(variant, side, peer, () => this.#database.streams(variant, side, peer));
    });
  }

  async work(): Promise<void> {
    for (const { sql, until } of this.#world.stages) {
      for (const statement of sql) await this.#do(statement);
      await this.#do(`insert into ${MARKS} values (${++this.#marks})`);
      await this.#everywhere(async (variant, side, peer) => {
        if (variant.streams === false) return;
        const marks = this.#marks + (variant.hasSnapshot === false ? 0 : 1);
        const waits: (readonly [string, number])[] = [[MARKS, marks]];
        if (until !== undefined) waits.push([until.table, until.count]);
        for (const [table, count] of waits)
          await this.#until(variant, side, peer, () => this.#hasCount(variant, peer, table, count));
      });
    }
  }

  async outcomes(): Promise<readonly Outcome[]> {
    const all: Outcome[] = [];
    for (const variant of this.#world.variants) {
      const failure = this.#failures.get(variant.name);
      if (failure !== undefined) all.push(outcome(`${variant.name}: runs`, 'failed', failure));
      const { debezium, ours } = this.#peers;
      const replacements = variant.replacements ?? [];
      const theirs = await debezium.events(variant.name, replacements);
      const own = await ours.events(variant.name, replacements);
      all.push(...compareTopics(variant.name, theirs, own, variant.allowance));
    }
    await this.#database.end();
    return all;
  }

  #config(variant: Variant, side: SideName): Settings {
    const config = {
      'tasks.max': '1',
      'topic.prefix': variant.name,
      'poll.interval.ms': '50',
      ...this.#database.settings(variant, side),
      ...variant.config,
      ...variant.own?.[side],
    };
    const named = (text: string): string => text.replaceAll('WORLD', this.#world.name);
    return Object.fromEntries(
      Object.entries(config).map(([key, value]) => [named(key), named(value)]),
    );
  }

  async #do(sql: string): Promise<void> {
    try {
      await this.#database.run(sql);
    } catch (error) {
      throw new Error(`${sql.slice(0, 200)}: ${String(error)}`, { cause: error });
    }
  }

  async #everywhere(
    action: (variant: Variant, side: SideName, peer: Peer) => Promise<void>,
  ): Promise<void> {
    const running = this.#world.variants.filter(({ name }) => !this.#failures.has(name));
    await Promise.all(
      running.flatMap((variant) =>
        this.#peers.both.map(([side, peer]) =>
          this.#guard(variant, () => action(variant, side, peer)),
        ),
      ),
    );
  }

  async #guard(variant: Variant, action: () => Promise<void>): Promise<void> {
    if (this.#failures.has(variant.name)) return;
    try {
      await action();
    } catch (error) {
      this.#failures.set(variant.name, String(error));
    }
  }

  async #until(
    variant: Variant,
    side: SideName,
    peer: Peer,
    condition: () => Promise<boolean>,
  ): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS;
    for (let round = 1; !(await condition()); round++) {
      const isTime = round % ROUNDS_BETWEEN_FAILURES === 0;
      const failure = isTime ? await peer.failureOf(variant.name) : undefined;
      if (failure !== undefined) throw new Error(`${side} has failed: ${failure}`);
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`${side} has not read so far: ${condition.toString()}`);
      await systemClock.sleep(POLL_MS);
    }
  }

  async #hasCount(variant: Variant, peer: Peer, table: string, count: number): Promise<boolean> {
    const delimiter = variant.config?.['topic.delimiter'] ?? '.';
    return (await peer.countOf([variant.name, this.#world.name, table].join(delimiter))) >= count;
  }
}
