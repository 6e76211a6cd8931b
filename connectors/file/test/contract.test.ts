import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { sinkContract, sourceContract } from '@millrace/testkit/contract';
import { fileSink, fileSource } from '../src/index.ts';
import { steppingClock } from './source-runner.ts';

class Folder implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-file-contract-'));

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.path, { recursive: true });
    return Promise.resolve();
  }
}

/** A log file that grows; its lines are numbered. */
class GrowingFile extends Folder {
  readonly #file = join(this.path, 'app.log');
  readonly config = { file: this.#file, topic: 'lines', format: 'jsonl' };
  #lines = 0;

  constructor() {
    super();
    writeFileSync(this.#file, '');
  }

  produce(count: number): Promise<readonly string[]> {
    const numbers = Array.from({ length: count }, () => ++this.#lines);
    appendFileSync(this.#file, numbers.map((number) => `{"line":${number}}\n`).join(''));
    return Promise.resolve(numbers.map(String));
  }

  poison(): Promise<void> {
    appendFileSync(this.#file, '{"line":\n');
    return Promise.resolve();
  }

  identify(record: SourceRecord): string | undefined {
    try {
      const value = record.value as { readonly line: number };
      return String(value.line);
    } catch {
      return undefined; // the line that is no JSON
    }
  }
}

class WrittenFile extends Folder {
  readonly #file = join(this.path, 'out.jsonl');
  readonly config = { file: this.#file, format: 'jsonl' };

  record(number: number) {
    return { value: { number } };
  }

  poison() {
    return { value: new Date(0) }; // a date needs a schema to have a form in JSON
  }

  delivered(): Promise<readonly number[]> {
    const lines = readFileSync(this.#file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return Promise.resolve(lines.map((line) => (JSON.parse(line) as { number: number }).number));
  }
}

describe('the file source keeps the promises of a source', () => {
  const subject = {
    connector: fileSource,
    open: () => Promise.resolve(new GrowingFile()),
    clock: steppingClock(),
  };
  for (const { name, run } of sourceContract(subject)) test(name, run);
});

describe('the file sink keeps the promises of a sink', () => {
  const subject = { connector: fileSink, open: () => Promise.resolve(new WrittenFile()) };
  for (const { name, run } of sinkContract(subject)) test(name, run);
});
