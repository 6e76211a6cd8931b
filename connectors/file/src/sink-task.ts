import { resolveConfig } from '@millrace/config';
import type { RecordFailure, SinkTask, SinkTaskContext } from '@millrace/connector-api';
import { MillraceError, must } from '@millrace/foundation';
import { jsonText, type SinkRecord } from '@millrace/record';
import { valueNotWritable } from './errors.ts';
import { sinkFields } from './fields.ts';
import { FileOutput, StandardOutput, type Output } from './output.ts';

const WRITE_CHARS = 1 << 20;

/** Appends a line for each record; at least once, and never a torn one. */
export class FileSinkTask implements SinkTask {
  #output: Output | undefined;
  #isJson = false;
  #lines = 0;
  #bytes = 0;

  async start(context: SinkTaskContext): Promise<void> {
    const { file, format } = resolveConfig(sinkFields, context.config, 'the file sink');
    this.#isJson = format.toLowerCase() === 'jsonl';
    if (file === null || file === '') {
      this.#output = new StandardOutput();
      return;
    }
    const output = new FileOutput(fileOfTask(file, context.task), context.log);
    this.#output = output;
    await output.open();
  }

  async put(records: readonly SinkRecord[]): Promise<readonly RecordFailure[]> {
    const failures: RecordFailure[] = [];
    let text = '';
    let lines = 0;
    for (let index = 0; index < records.length; index++) {
      const record = records[index];
      if (record === undefined) continue;
      try {
        text += `${this.#lineOf(record)}\n`;
        lines++;
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        failures.push({ index, error });
      }
      if (text.length >= WRITE_CHARS) {
        await this.#append(text, lines);
        text = '';
        lines = 0;
      }
    }
    if (lines > 0) await this.#append(text, lines);
    return failures;
  }

  /** Offsets are committed after this alone: what they cover is on the disk (INV-1). */
  async flush(): Promise<undefined> {
    await this.#output?.sync();
    return undefined;
  }

  metrics(): Readonly<Record<string, number>> {
    return { lines_written: this.#lines, bytes_written: this.#bytes };
  }

  async stop(): Promise<void> {
    const output = this.#output;
    this.#output = undefined;
    await output?.close();
  }

  async #append(text: string, lines: number): Promise<void> {
    const output = must(this.#output, 'the task is started before records are put');
    const bytes = Buffer.from(text);
    await output.append(bytes);
    this.#lines += lines;
    this.#bytes += bytes.length;
  }

  #lineOf(record: SinkRecord): string {
    const { value } = record;
    return !this.#isJson && typeof value === 'string' ? value : jsonOf(record);
  }
}

function jsonOf(record: SinkRecord): string {
  try {
    return jsonText(record.valueSchema, record.value);
  } catch (error) {
    throw error instanceof MillraceError ? valueNotWritable(error.message) : error;
  }
}

export const TASK_PLACEHOLDER = '${task}';

export function fileOfTask(file: string, task: number): string {
  return file.replaceAll(TASK_PLACEHOLDER, String(task));
}
