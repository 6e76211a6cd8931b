import type { AlteredSinkOffset, TopicPartition } from '@millrace/connector-api';
import {
  NO_OFFSET,
  type OffsetMove,
  type StoredOffset,
  type StoredOffsets,
} from '../../write/offsets.ts';
import type { MysqlConnection } from './connection.ts';
import { quoteText } from './names.ts';

/** The table of offsets in the target; one row for each partition of each connector. */
export class OffsetsTable implements StoredOffsets {
  readonly #connection: MysqlConnection;
  readonly #table: string;

  constructor(connection: MysqlConnection, table: string) {
    this.#connection = connection;
    this.#table = table;
  }

  /** Its names are told apart by letter case and accents, whatever the database's collation is. */
  async #create(signal: AbortSignal): Promise<void> {
    await this.#connection.execute(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (connector varchar(255) NOT NULL, topic varchar(249) NOT NULL,
         partition_id int NOT NULL, next_offset bigint NOT NULL, epoch bigint NOT NULL,
         PRIMARY KEY (connector, topic, partition_id)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
      'create the table of offsets',
      signal,
    );
  }

  async claim(
    connector: string,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StoredOffset[]> {
    await this.#create(signal);
    await this.#put(
      connector,
      partitions.map((partition) => ({ ...partition, offset: null })),
      'epoch = epoch + 1',
      signal,
    );
    return this.read(connector, partitions, signal);
  }

  async advance(
    connector: string,
    moves: readonly OffsetMove[],
    signal: AbortSignal,
  ): Promise<number> {
    const statements = moves.map(
      (move) =>
        `UPDATE ${this.#table} SET next_offset = ${move.to} WHERE ${placeSql(connector, move)} AND next_offset = ${move.from} AND epoch = ${move.epoch}`,
    );
    const headers = await this.#connection.execute(statements.join(';'), 'store offsets', signal);
    return headers.reduce((total, { affectedRows }) => total + affectedRows, 0);
  }

  async read(
    connector: string,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StoredOffset[]> {
    const places = partitions.map((partition) => `(${placeSql(connector, partition)})`);
    const rows = await this.#connection.query(
      `SELECT topic, partition_id, next_offset AS next, epoch FROM ${this.#table} WHERE ${places.join(' OR ')} FOR UPDATE`,
      'read offsets',
      signal,
    );
    return rows.map((row) => ({
      topic: String(row['topic']),
      partition: Number(row['partition_id']),
      next: Number(row['next']),
      epoch: Number(row['epoch']),
    }));
  }

  async alter(
    connector: string,
    offsets: readonly AlteredSinkOffset[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#create(signal);
    if (offsets.length === 0) return;
    const update = 'epoch = epoch + 1, next_offset = VALUES(next_offset)';
    await this.#put(connector, offsets, update, signal);
  }

  async #put(
    connector: string,
    offsets: readonly AlteredSinkOffset[],
    update: string,
    signal: AbortSignal,
  ): Promise<void> {
    const rows = offsets.map(
      ({ topic, partition, offset }) =>
        `(${quoteText(connector)}, ${quoteText(topic)}, ${partition}, ${offset ?? NO_OFFSET}, 1)`,
    );
    await this.#connection.execute(
      `INSERT INTO ${this.#table} (connector, topic, partition_id, next_offset, epoch) VALUES ${rows.join(', ')} ON DUPLICATE KEY UPDATE ${update}`,
      'take partitions over in the table of offsets',
      signal,
    );
  }
}

function placeSql(connector: string, { topic, partition }: TopicPartition): string {
  return `connector = ${quoteText(connector)} AND topic = ${quoteText(topic)} AND partition_id = ${partition}`;
}
