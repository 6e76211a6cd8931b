import { systemClock } from '@millrace/foundation';
import type { MysqlServer } from '@millrace/test-servers';

type Database = Awaited<ReturnType<MysqlServer['connect']>>;

/** Between two transactions. */
const PAUSE_MS = 10;
/** Each so many transactions one is large. */
const LARGE_EACH = 40;
const LARGE_ROWS = 400;

/** Writes transactions of a few or of many changes, one after the other; every change has a name of its own. */
export class SteadyWriter {
  readonly #database: Database;
  readonly #stop = new AbortController();
  readonly #written: string[] = [];
  #running: Promise<void> = Promise.resolve();
  #nextId = 1;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(server: MysqlServer): Promise<SteadyWriter> {
    const database = await server.connect();
    await database.query('create table moved (id int primary key, v varchar(20) not null)');
    await database.query('create table zz_mark (id int primary key)');
    await database.query('insert into zz_mark values (0)');
    return new SteadyWriter(database);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** The names of all changes that were committed, in order. */
  async end(): Promise<readonly string[]> {
    this.#stop.abort();
    await this.#running;
    await this.#database.end();
    return this.#written;
  }

  async #run(): Promise<void> {
    for (let count = 1; !this.#stop.signal.aborted; count++) {
      const rows = count % LARGE_EACH === 0 ? LARGE_ROWS : 4;
      const ids = Array.from({ length: rows }, (_, index) => this.#nextId + index);
      this.#nextId += rows;
      const [first = 0] = ids;
      const last = this.#nextId - 1;
      await this.#database.query('begin');
      await this.#database.query(
        `insert into moved (id, v) values ${ids.map((id) => `(${id}, 'v${id}')`).join(', ')}`,
      );
      await this.#database.query(
        `update moved set v = concat(v, '.') where id in (${first}, ${first + 1})`,
      );
      await this.#database.query(`delete from moved where id = ${last}`);
      await this.#database.query('commit');
      this.#written.push(...ids.map((id) => `c ${id}`));
      this.#written.push(`u ${first}`, `u ${first + 1}`, `d ${last}`);
      await systemClock.sleep(PAUSE_MS, this.#stop.signal).catch(() => undefined); // told to stop
    }
  }
}
