import type { Progress } from './progress.ts';
import { DATABASE_SINK, FILE_SINK, SOURCE } from './connectors.ts';

export interface ScreenFacts {
  readonly rest: string;
  readonly log: string;
  readonly source: string;
  readonly target: string;
  readonly file: string;
}

/** The live table: redrawn in place on a terminal, a line now and then where the output is no terminal. */
export class Screen {
  readonly #facts: ScreenFacts;
  readonly #output: NodeJS.WriteStream;
  readonly #startedMs: number;
  #height = 0;
  #lastCaptured = 0;
  #lastMs: number;

  constructor(facts: ScreenFacts, output: NodeJS.WriteStream) {
    this.#facts = facts;
    this.#output = output;
    this.#startedMs = performance.now();
    this.#lastMs = this.#startedMs;
  }

  update(progress: Progress): void {
    const nowMs = performance.now();
    const rate =
      ((progress.captured - this.#lastCaptured) * 1_000) / Math.max(1, nowMs - this.#lastMs);
    this.#lastCaptured = progress.captured;
    this.#lastMs = nowMs;
    if (this.#output.isTTY) this.#redraw(this.#table(progress, rate));
    else this.#output.write(`${this.#line(progress, rate)}\n`);
  }

  #line(progress: Progress, rate: number): string {
    const { captured, databaseRecords, fileRecords, errors } = progress;
    return `${this.#elapsed()}  captured ${number(captured)}  ${number(rate)} records/s  lag ${lag(progress)}  database ${number(databaseRecords)}  file ${number(fileRecords)}  errors ${number(errors)}`;
  }

  #table(progress: Progress, rate: number): readonly string[] {
    const { rest, log, source, target, file } = this.#facts;
    const row = (label: string, count: number, connector: string, place: string): string =>
      `  ${label.padEnd(18)}${number(count).padStart(12)}   ${(progress.states.get(connector) ?? '-').padEnd(10)} ${place}`;
    return [
      `Millrace quickstart  ${this.#elapsed()}`,
      '',
      row('rows captured', progress.captured, SOURCE, source),
      row('sink: database', progress.databaseRecords, DATABASE_SINK, target),
      row('sink: file', progress.fileRecords, FILE_SINK, file),
      '',
      `  ${number(rate)} records/s    lag ${lag(progress)}    errors ${number(progress.errors)}`,
      ...progress.failures.map((failure) => `  ! ${failure.split('\n')[0] ?? ''}`),
      '',
      `  REST  ${rest}        curl -s '${rest}/connectors?expand=status'`,
      `  log   ${log}        kcat -b ${log} -C -t shop.public.orders -o end`,
      '  Ctrl-C stops everything and cleans up.',
    ];
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#height === 0 ? '' : `\u001b[${this.#height}A`;
    this.#output.write(up + lines.map((line) => `\u001b[2K${line}\n`).join('') + '\u001b[0J');
    this.#height = lines.length;
  }

  #elapsed(): string {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1_000);
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function lag(progress: Progress): string {
  return progress.lagMs === undefined ? '-' : `${number(progress.lagMs)} ms`;
}
