import type { AlteredSinkOffset, TopicPartition } from '@millrace/connector-api';
import {
  NO_OFFSET,
  type OffsetMove,
  type StoredOffset,
  type StoredOffsets,
} from '../../write/offsets.ts';
import type { PostgresConnection, Row } from './connection.ts';

const RETURNED = 'o.topic, o.partition_id, o.next_offset::text AS next, o.epoch::text AS epoch';

/** The table of offsets in the target; one row for each partition of each connector. */
export class OffsetsTable implements StoredOffsets {
  readonly #connection: PostgresConnection;
  readonly #table: string;

  constructor(connection: PostgresConnection, table: string) {
    this.#connection = connection;
    this.#table = table;
  }

  async #create(signal: AbortSignal): Promise<void> {
    const doing = 'look for the table of offsets';
    const [found] = await this.#connection.query('SELECT to_regclass($1) AS oid', doing, signal, [
      this.#table,
    ]);
    if (found?.['oid'] !== null) return;
    await this.#connection.query(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (connector text, topic text, partition_id integer,
         next_offset bigint NOT NULL, epoch bigint NOT NULL, PRIMARY KEY (connector, topic, partition_id))`,
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
    const rows = await this.#connection.query(
      `INSERT INTO ${this.#table} AS o (connector, topic, partition_id, next_offset, epoch)
       SELECT $1, v.topic, v.partition_id, ${NO_OFFSET}, 1 FROM unnest($2::text[], $3::int[]) AS v(topic, partition_id)
        ORDER BY v.topic, v.partition_id
       ON CONFLICT (connector, topic, partition_id) DO UPDATE SET epoch = o.epoch + 1 RETURNING ${RETURNED}`,
      'take partitions over in the table of offsets',
      signal,
      [connector, ...columnsOf(partitions)],
    );
    return rows.map(storedOf);
  }

  async advance(
    connector: string,
    moves: readonly OffsetMove[],
    signal: AbortSignal,
  ): Promise<number> {
    return this.#connection.execute(
      `UPDATE ${this.#table} o SET next_offset = v.target
         FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[]) AS v(topic, partition_id, source, target, epoch)
        WHERE o.connector = $1 AND o.topic = v.topic AND o.partition_id = v.partition_id
          AND o.next_offset = v.source AND o.epoch = v.epoch`,
      'store offsets',
      signal,
      [
        connector,
        ...columnsOf(moves),
        moves.map(({ from }) => from),
        moves.map(({ to }) => to),
        moves.map(({ epoch }) => epoch),
      ],
    );
  }

  async read(
    connector: string,
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StoredOffset[]> {
    const rows = await this.#connection.query(
      `SELECT ${RETURNED} FROM ${this.#table} o JOIN unnest($2::text[], $3::int[]) AS v(topic, partition_id)
           ON o.topic = v.topic AND o.partition_id = v.partition_id WHERE o.connector = $1`,
      'read offsets',
      signal,
      [connector, ...columnsOf(partitions)],
    );
    return rows.map(storedOf);
  }

  async alter(
    connector: string,
    offsets: readonly AlteredSinkOffset[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#create(signal);
    if (offsets.length === 0) return;
    await this.#connection.query(
      `INSERT INTO ${this.#table} AS o (connector, topic, partition_id, next_offset, epoch)
       SELECT $1, v.topic, v.partition_id, v.next, 1 FROM unnest($2::text[], $3::int[], $4::bigint[]) AS v(topic, partition_id, next)
       ON CONFLICT (connector, topic, partition_id)
       DO UPDATE SET next_offset = EXCLUDED.next_offset, epoch = o.epoch + 1`,
      'alter offsets',
      signal,
      [connector, ...columnsOf(offsets), offsets.map(({ offset }) => offset ?? NO_OFFSET)],
    );
  }
}

function columnsOf(partitions: readonly TopicPartition[]): readonly [string[], number[]] {
  return [partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)];
}

function storedOf(row: Row): StoredOffset {
  return {
    topic: String(row['topic']),
    partition: Number(row['partition_id']),
    next: Number(row['next']),
    epoch: Number(row['epoch']),
  };
}
