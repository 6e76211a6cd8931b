import { systemClock } from '@millrace/foundation';
import type { MysqlServer } from '@millrace/test-servers';
import { outcome } from '../../outcomes.ts';
import type { Outcome } from '../../suite.ts';
import { compareTopics } from '../compare-events.ts';
import { payloadOf, membersOf, eventOf } from '../event.ts';
import type { Peer, Peers, Settings, SideName } from '../peers.ts';
import { MARKS, type Variant, type World } from '../world.ts';

const DEADLINE_MS = 180_000;
const POLL_MS = 100;
const CLASSES = {
  mysql: 'io.debezium.connector.mysql.MySqlConnector',
  mariadb: 'io.debezium.connector.mariadb.MariaDbConnector',
} as const;

type Database = Awaited<ReturnType<MysqlServer['connect']>>;

/** Runs a world of MySQL or MariaDB, a database of its own, on both sides and compares what came of its variants. */
export class BinlogRun {
  readonly #world: World;
  readonly #server: MysqlServer;
  readonly #database: Database;
  readonly #peers: Peers;
  /** Why a variant could not be compared. */
  readonly #failures = new Map<string, string>();
  readonly #firstServerId: number;
  #marks = 0;

  private constructor(options: BinlogRunOptions, database: Database) {
    this.#world = options.world;
    this.#server = options.server;
    this.#peers = options.peers;
    this.#firstServerId = options.firstServerId;
    this.#database = database;
  }

  static async prepare(options: BinlogRunOptions): Promise<BinlogRun> {
    const { server, world } = options;
    const run = new BinlogRun(options, await server.connect(world.name));
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
      await this.#until(variant, side, peer, () =>
        variant.hasSnapshot === false
          ? this.#hasSchema(variant, peer)
          : this.#hasCount(variant, peer, MARKS, 1),
      );
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
      const theirs = await debezium.events(variant.name, []);
      const own = await ours.events(variant.name, []);
      all.push(...compareTopics(variant.name, theirs, own, variant.allowance));
    }
    await this.#database.end();
    return all;
  }

  #config(variant: Variant, side: SideName): Settings {
    const { flavour, host, password, port, user } = this.#server;
    const { name, variants } = this.#world;
    const serverId =
      this.#firstServerId + 2 * variants.indexOf(variant) + (side === 'ours' ? 1 : 0);
    const tables = [...variant.tables, MARKS].map((table) => `${name}\\.${table}`);
    return {
      'connector.class': CLASSES[flavour],
      'tasks.max': '1',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.server.id': String(serverId),
      'database.ssl.mode': flavour === 'mysql' ? 'preferred' : 'disable',
      'topic.prefix': variant.name,
      'database.include.list': name,
      ...(variant.tables.length === 0 ? {} : { 'table.include.list': tables.join() }),
      'schema.history.internal.kafka.bootstrap.servers': this.#peers[side].log,
      'schema.history.internal.kafka.topic': `history.${variant.name}`,
      'schema.history.internal.store.only.captured.databases.ddl': 'true',
      'poll.interval.ms': '50',
      'key.converter.schemas.enable': 'true',
      'value.converter.schemas.enable': 'true',
      ...variant.config,
      ...variant.own?.[side],
    };
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
    for (let round = 1; !(await condition()); round++) {
      const failure = round % 10 === 0 ? await peer.failureOf(variant.name) : undefined;
      if (failure !== undefined) throw new Error(`${side} has failed: ${failure}`);
      if (systemClock.monotonicMs() > deadlineMs) throw new Error(`${side} has not read so far`);
      await systemClock.sleep(POLL_MS);
    }
  }

  async #hasCount(variant: Variant, peer: Peer, table: string, count: number): Promise<boolean> {
    const delimiter = variant.config?.['topic.delimiter'] ?? '.';
    return (await peer.countOf([variant.name, this.#world.name, table].join(delimiter))) >= count;
  }

  /** Without rows the place where the stream begins is taken before the catalogue is told: by the history. */
  async #hasSchema(variant: Variant, peer: Peer): Promise<boolean> {
    const topic = `history.${variant.name}`;
    if ((await peer.countOf(topic)) === 0) return false;
    const last = (await peer.records(topic)).at(-1);
    if (last === undefined) return false;
    return String(membersOf(payloadOf(eventOf(last, []).value))['ddl']).includes(`\`${MARKS}\` (`);
  }
}

export interface BinlogRunOptions {
  readonly world: World;
  readonly server: MysqlServer;
  readonly peers: Peers;
  /** Each connector is a replica with an id of its own, from this one on. */
  readonly firstServerId: number;
}
