import { systemClock } from '@millrace/foundation';
import type { PostgresServer } from '@millrace/test-servers';
import { outcome } from '../outcomes.ts';
import type { Outcome } from '../suite.ts';
import { compareTopics } from './compare-events.ts';
import type { Peer, Peers, Settings, SideName } from './peers.ts';
import { MARKS, type Variant, type World } from './world.ts';

const DEADLINE_MS = 120_000;
const POLL_MS = 200;

type Database = Awaited<ReturnType<PostgresServer['connect']>>;

/** Runs a world on both sides and compares what came of each of its variants. */
export class WorldRun {
  readonly #world: World;
  readonly #server: PostgresServer;
  readonly #database: Database;
  readonly #peers: Peers;
  /** Why a variant could not be compared. */
  readonly #failures = new Map<string, string>();
  #marks = 0;
  /** The last question to the database: it takes one at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  private constructor(world: World, server: PostgresServer, database: Database, peers: Peers) {
    this.#world = world;
    this.#server = server;
    this.#database = database;
    this.#peers = peers;
  }

  static async prepare(world: World, server: PostgresServer, peers: Peers): Promise<WorldRun> {
    const database = await server.connect();
    const run = new WorldRun(world, server, database, peers);
    await database.query(
      `create schema ${world.name}; set search_path = ${world.name}, public; create table ${MARKS} (id int primary key)`,
    );
    for (const sql of world.setup) await run.#do(sql);
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
        await this.#until(variant, side, peer, () => this.#hasSlot(variant, side));
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
    const { host, port, user, password, database } = this.#server;
    const name = `${variant.name}_${side}`.replaceAll('-', '_').toLowerCase();
    const tables = [...variant.tables, MARKS].map((table) => `${this.#world.name}\\.${table}`);
    const config = {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'tasks.max': '1',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.dbname': database,
      'plugin.name': 'pgoutput',
      'topic.prefix': variant.name,
      'slot.name': name,
      'publication.name': name,
      'publication.autocreate.mode': 'filtered',
      'table.include.list': tables.join(),
      'poll.interval.ms': '50',
      // Of all worlds: how many there are by the end of this one depends on the others.
      'message.prefix.include.list': 'none',
      ...variant.config,
      ...variant.own?.[side],
    };
    const entries = Object.entries(config);
    const named = (text: string): string => text.replaceAll('WORLD', this.#world.name);
    return Object.fromEntries(entries.map(([key, value]) => [named(key), named(value)]));
  }

  async #do(sql: string): Promise<void> {
    try {
      await this.#database.query(sql);
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
    while (!(await condition())) {
      const failure = await peer.failureOf(variant.name);
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

  /** The slot is complete: what is written from now on is of the stream. */
  async #hasSlot(variant: Variant, side: SideName): Promise<boolean> {
    const asked = this.#asked.then(() =>
      this.#database.query<{ isThere: boolean }>(
        `select confirmed_flush_lsn is not null as "isThere" from pg_replication_slots where slot_name = $1`,
        [this.#config(variant, side)['slot.name']],
      ),
    );
    this.#asked = asked.catch(() => undefined); // told to who asks
    const { rows } = await asked;
    return rows[0]?.isThere === true;
  }
}
