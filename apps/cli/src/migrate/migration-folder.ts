import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MigrationState, StateStore } from '@millrace/migration';

const STATE_FILE = 'migration.json';
const WORKER_FILE = 'worker.json';

/** The data folder of one migration: its state, its log, and where its worker is reached while it runs. */
export class MigrationFolder implements StateStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get logFolder(): string {
    return join(this.path, 'data');
  }

  load(): MigrationState | undefined {
    return this.#read(STATE_FILE) as MigrationState | undefined; // written by this class alone
  }

  save(state: MigrationState): void {
    this.#write(STATE_FILE, state);
  }

  /** Of the process that carries the migration, if it said goodbye to nobody. */
  workerUrl(): string | undefined {
    const worker = this.#read(WORKER_FILE) as { readonly rest: string } | undefined; // likewise
    return worker?.rest;
  }

  announceWorker(rest: string): void {
    this.#write(WORKER_FILE, { rest, pid: process.pid });
  }

  withdrawWorker(): void {
    rmSync(join(this.path, WORKER_FILE), { force: true });
  }

  #read(name: string): unknown {
    const path = join(this.path, name);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  /** INV-4: whole or not at all, and there after a crash. */
  #write(name: string, content: unknown): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const temporary = join(this.path, `${name}.tmp`);
    writeFileSync(temporary, JSON.stringify(content, null, 2), { mode: 0o600, flush: true });
    renameSync(temporary, join(this.path, name));
    const folder = openSync(this.path, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}
