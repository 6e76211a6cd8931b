import type { PostgresServer } from '@millrace/test-servers';
import type { Settings, SideName } from '../peers.ts';
import type { WorldDatabase } from '../world-run.ts';
import { MARKS, type Variant, type World } from '../world.ts';

type Client = Awaited<ReturnType<PostgresServer['connect']>>;

/** A world as a schema of PostgreSQL. */
export class PostgresWorld implements WorldDatabase {
  readonly #world: World;
  readonly #server: PostgresServer;
  readonly #client: Client;
  /** The last question: a client takes one at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  private constructor(world: World, server: PostgresServer, client: Client) {
    this.#world = world;
    this.#server = server;
    this.#client = client;
  }

  static async open(world: World, server: PostgresServer): Promise<PostgresWorld> {
    const client = await server.connect();
    await client.query(`create schema ${world.name}; set search_path = ${world.name}, public`);
    return new PostgresWorld(world, server, client);
  }

  async run(sql: string): Promise<void> {
    await this.#client.query(sql);
  }

  settings(variant: Variant, side: SideName): Settings {
    const { host, port, user, password, database } = this.#server;
    const tables = [...variant.tables, MARKS].map((table) => `${this.#world.name}\\.${table}`);
    return {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.dbname': database,
      'plugin.name': 'pgoutput',
      'slot.name': slotOf(variant, side),
      'publication.name': slotOf(variant, side),
      'publication.autocreate.mode': 'filtered',
      'table.include.list': tables.join(),
      // Of all worlds: how many there are by the end of this one depends on the others.
      'message.prefix.include.list': 'none',
    };
  }

  /** Its slot is complete. */
  async streams(variant: Variant, side: SideName): Promise<boolean> {
    const asked = this.#asked.then(() =>
      this.#client.query<{ isThere: boolean }>(
        `select confirmed_flush_lsn is not null as "isThere" from pg_replication_slots where slot_name = $1`,
        [slotOf(variant, side)],
      ),
    );
    this.#asked = asked.catch(() => undefined); // told to who asks
    const { rows } = await asked;
    return rows[0]?.isThere === true;
  }

  async end(): Promise<void> {
    await this.#client.end();
  }
}

function slotOf(variant: Variant, side: SideName): string {
  return `${variant.name}_${side}`.replaceAll('-', '_').toLowerCase();
}
