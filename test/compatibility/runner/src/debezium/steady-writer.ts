import { systemClock } from '@millrace/foundation';
import type { PostgresServer } from '@millrace/test-servers';

type Database = Awaited<ReturnType<PostgresServer['connect']>>;

/** Between two transactions. */
const PAUSE_MS = 20;
/** Each so many transactions one is large. */
const LARGE_EACH = 40;
const LARGE_ROWS = 400;
const SLOT = 'what_happened';

/** One change of the table, as the server decodes it: `lsn` and primary key name it. */
export interface Change {
  readonly lsn: string;
  readonly op: string;
  readonly id: number;
}

/** Writes transactions of a few or of many changes, one after the other, and remembers them by a slot of its own. */
export class SteadyWriter {
  readonly #database: Database;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #nextId = 1;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(server: PostgresServer): Promise<SteadyWriter> {
    const database = await server.connect();
    await database.query('create table load (id int primary key, v text not null)');
    await database.query(`select pg_create_logical_replication_slot('${SLOT}', 'test_decoding')`);
    return new SteadyWriter(database);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves with all that was committed, in order. */
  async end(): Promise<readonly Change[]> {
    this.#stop.abort();
    await this.#running;
    const { rows } = await this.#database.query<{ lsn: string; data: string }>(
      `select (lsn - '0/0')::text as lsn, data from pg_logical_slot_get_changes('${SLOT}', null, null)`,
    );
    await this.#database.end();
    return rows.flatMap(({ lsn, data }) => {
      const match = /: (INSERT|UPDATE|DELETE): id\[integer\]:(\d+)/.exec(data);
      const op = { INSERT: 'c', UPDATE: 'u', DELETE: 'd' }[match?.[1] ?? ''];
      return op === undefined ? [] : [{ lsn, op, id: Number(match?.[2]) }];
    });
  }

  async #run(): Promise<void> {
    for (let count = 1; !this.#stop.signal.aborted; count++) {
      const rows = count % LARGE_EACH === 0 ? LARGE_ROWS : 4;
      const first = this.#nextId;
      this.#nextId += rows;
      const last = this.#nextId - 1;
      await this.#database.query(
        `begin; insert into load select g, 'v' || g from generate_series(${first}, ${last}) g;
         update load set v = v || '.' where id between ${first} and ${first + 1};
         delete from load where id = ${last}; commit`,
      );
      await systemClock.sleep(PAUSE_MS, this.#stop.signal).catch(() => undefined); // told to stop
    }
  }
}
