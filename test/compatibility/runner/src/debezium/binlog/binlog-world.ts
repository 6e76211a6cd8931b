import type { MysqlServer } from '@millrace/test-servers';
import { eventOf, membersOf, payloadOf } from '../event.ts';
import type { Peer, Peers, Settings, SideName } from '../peers.ts';
import type { WorldDatabase } from '../world-run.ts';
import { MARKS, type Variant, type World } from '../world.ts';

const CLASSES = {
  mysql: 'io.debezium.connector.mysql.MySqlConnector',
  mariadb: 'io.debezium.connector.mariadb.MariaDbConnector',
} as const;

type Connection = Awaited<ReturnType<MysqlServer['connect']>>;

/** A world as a database of MySQL or MariaDB. */
export class BinlogWorld implements WorldDatabase {
  readonly #options: BinlogWorldOptions;
  readonly #connection: Connection;

  private constructor(options: BinlogWorldOptions, connection: Connection) {
    this.#options = options;
    this.#connection = connection;
  }

  static async open(options: BinlogWorldOptions): Promise<BinlogWorld> {
    return new BinlogWorld(options, await options.server.connect(options.world.name));
  }

  async run(sql: string): Promise<void> {
    await this.#connection.query(sql);
  }

  settings(variant: Variant, side: SideName): Settings {
    const { world, server, peers, firstServerId } = this.#options;
    const { flavour, host, password, port, user } = server;
    const serverId =
      firstServerId + 2 * world.variants.indexOf(variant) + (side === 'ours' ? 1 : 0);
    const tables = [...variant.tables, MARKS].map((table) => `${world.name}\\.${table}`);
    return {
      'connector.class': CLASSES[flavour],
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.server.id': String(serverId),
      'database.ssl.mode': flavour === 'mysql' ? 'preferred' : 'disable',
      'database.include.list': world.name,
      ...(variant.tables.length === 0 ? {} : { 'table.include.list': tables.join() }),
      'schema.history.internal.kafka.bootstrap.servers': peers[side].log,
      'schema.history.internal.kafka.topic': historyOf(variant),
      'schema.history.internal.store.only.captured.databases.ddl': 'true',
      'key.converter.schemas.enable': 'true',
      'value.converter.schemas.enable': 'true',
    };
  }

  /** Without rows the place where the stream begins is taken before the catalogue is told: by the history. */
  async streams(variant: Variant, _side: SideName, peer: Peer): Promise<boolean> {
    if (variant.hasSnapshot !== false) return true;
    const topic = historyOf(variant);
    if ((await peer.countOf(topic)) === 0) return false;
    const last = (await peer.records(topic)).at(-1);
    if (last === undefined) return false;
    return String(membersOf(payloadOf(eventOf(last, []).value))['ddl']).includes(`\`${MARKS}\` (`);
  }

  async end(): Promise<void> {
    await this.#connection.end();
  }
}

function historyOf(variant: Variant): string {
  return `history.${variant.name}`;
}

export interface BinlogWorldOptions {
  readonly world: World;
  readonly server: MysqlServer;
  readonly peers: Peers;
  /** Each connector is a replica with an id of its own, from this one on. */
  readonly firstServerId: number;
}
