import type { MigrationEvent, Progress } from '@millrace/migration';
import type { CliIo } from '../cli-io.ts';
import { progressLines, totalLine } from './progress-text.ts';

const LINE_EVERY_MS = 5_000;

export interface ReporterOptions {
  readonly io: CliIo;
  readonly isJson: boolean;
  /** The terminal, if standard output is one. */
  readonly terminal: Pick<NodeJS.WriteStream, 'write'> | undefined;
  readonly nowMs: () => number;
}

/** What a migration does, as it does it: bars on a terminal, a line now and then elsewhere, JSON lines with `--json`. */
export class Reporter {
  readonly #options: ReporterOptions;
  #height = 0;
  #lineAtMs = -Infinity;
  #phase = '';
  #trouble = '';

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  report(event: MigrationEvent): void {
    const { io, isJson } = this.#options;
    if (isJson) {
      io.out(JSON.stringify(jsonOf(event)));
      return;
    }
    if (event.kind === 'progress') {
      this.#progress(event.progress);
      return;
    }
    // The same trouble is told once.
    if (event.kind === 'trouble' && event.message === this.#trouble) return;
    this.#trouble = event.kind === 'trouble' ? event.message : '';
    this.say(textOf(event));
  }

  say(text: string): void {
    this.#height = 0;
    this.#options.io.out(text);
  }

  #progress(progress: Progress): void {
    const { io, terminal, nowMs } = this.#options;
    if (terminal !== undefined) {
      const lines = progressLines(progress);
      const up = this.#height === 0 ? '' : `\u001b[${this.#height}A`;
      terminal.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
      this.#height = lines.length;
      return;
    }
    const isNew = progress.phase !== this.#phase;
    if (!isNew && nowMs() - this.#lineAtMs < LINE_EVERY_MS) return;
    this.#phase = progress.phase;
    this.#lineAtMs = nowMs();
    io.out(totalLine(progress));
  }
}

function textOf(event: Exclude<MigrationEvent, { readonly kind: 'progress' }>): string {
  switch (event.kind) {
    case 'step':
      return `making ${event.about}`;
    case 'skipped':
      return `skipped ${event.about}: ${event.why}\n    ${event.sql};`;
    case 'phase':
      return PHASES[event.phase];
    case 'trouble':
      return `waiting: ${event.message}`;
    case 'not-carried':
      return `${event.table} is not carried: it was made after the migration began. Copy it by hand before the cutover, and name it there in --exclude-tables`;
    case 'in-step':
      return 'in step: the target has what the source had a second ago';
  }
}

const PHASES = {
  planned: 'making the tables',
  copying: 'copying; the source may be written to',
  following:
    'every row is copied; following changes. Next: millrace migrate verify, then millrace migrate cutover',
  ended: 'cut over; nothing is carried any more',
  reversed: 'cut over; changes of the new database go back to the old one',
} as const;

function jsonOf(event: MigrationEvent): unknown {
  if (event.kind !== 'progress') return { event: event.kind, ...event, kind: undefined };
  const { tables, ...rest } = event.progress;
  return {
    event: 'progress',
    phase: rest.phase,
    lag_records: rest.lagRecords,
    lag_ms: rest.lagMs,
    rows_written: rest.rowsWritten,
    rows_per_second: Math.round(rest.rowsPerSecond),
    tables: tables.map((table) => ({
      table: table.table,
      rows_expected: table.rowsExpected ?? null,
      rows_written: table.rowsWritten,
      rows_per_second: Math.round(table.rowsPerSecond),
      seconds_left: table.secondsLeft ?? null,
      done: table.isDone,
    })),
  };
}
