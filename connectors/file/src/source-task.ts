import type { SourceTask, SourceTaskContext } from '@millrace/connector-api';
import { resolveConfig } from '@millrace/config';
import { isAborted, type MillraceError, must } from '@millrace/foundation';
import { parseJson, schemas, type SourceRecord } from '@millrace/record';
import { errnoOf, fileFault, lineTooLong, lineUnreadable } from './errors.ts';
import { sourceFields } from './fields.ts';
import type { LineSink } from './line-buffer.ts';
import { openInput, StandardInput, type Input } from './input.ts';
import { Pace } from './pace.ts';

const LINE_SCHEMA = schemas.string();
const NO_HEADERS: SourceRecord['headers'] = [];
/** How long `poll` waits for lines before it returns none. */
const POLL_WAIT_MS = 2_000;
const BATCH_CHARS_MAX = 4 * 1024 * 1024;

/** Reads one file for ever, or standard input until it ends. */
export class FileSourceTask implements SourceTask {
  #context: SourceTaskContext | undefined;
  #input: Input | undefined;
  #settings: ReturnType<typeof settingsFrom> | undefined;
  #pace: Pace | undefined;
  #lines = 0;
  #unreadable = 0;

  start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    const settings = settingsFrom(context.config);
    this.#settings = settings;
    this.#input =
      settings.file === null
        ? new StandardInput(settings)
        : openInput({
            ...settings,
            file: settings.file,
            offset: context.offsets.find({ filename: settings.file }),
            clock: context.clock,
            log: context.log,
          });
    if (settings.file !== null)
      this.#pace = new Pace({
        file: settings.file,
        intervalMs: settings.pollIntervalMs,
        quietAfterMs: settings.flushUnfinishedMs + settings.pollIntervalMs,
        clock: context.clock,
      });
    return Promise.resolve();
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock } = must(this.#context, 'the task is started before it is polled');
    const input = must(this.#input, 'the task is started before it is polled');
    const { pollIntervalMs, file } = must(this.#settings, 'settings are there after the start');
    const untilMs = clock.monotonicMs() + POLL_WAIT_MS;
    const pace = this.#pace;
    for (;;) {
      signal.throwIfAborted();
      if (pace?.isDue() === false) {
        const leftMs = untilMs - clock.monotonicMs();
        if (leftMs <= 0) return [];
        await pace.wait(leftMs, signal);
        continue;
      }
      const { changes } = input;
      const records = await this.#read(input).catch((error: unknown) => {
        if (isAborted(signal)) throw signal.reason;
        throw errnoOf(error) === undefined
          ? error
          : fileFault('read', file ?? 'standard input', error);
      });
      const isAtEnd = records.length === 0;
      await pace?.looked({ hasChanged: !isAtEnd || input.changes !== changes, isAtEnd });
      if (!isAtEnd) return records;
      if (clock.monotonicMs() >= untilMs) return records;
      if (pace === undefined) await clock.sleep(pollIntervalMs, signal);
    }
  }

  metrics(): Readonly<Record<string, number>> {
    const { rotations = 0, truncations = 0, lagBytes = 0 } = this.#input ?? {};
    return {
      lines_read: this.#lines,
      lines_unreadable: this.#unreadable,
      file_rotations: rotations,
      file_truncations: truncations,
      source_lag_bytes: lagBytes,
    };
  }

  async stop(): Promise<void> {
    this.#pace?.close();
    await this.#input?.close();
    this.#input = undefined;
  }

  /** Lines that are there now. */
  async #read(input: Input): Promise<readonly SourceRecord[]> {
    const { batchSize } = must(this.#settings, 'settings are there after the start');
    const batch = this.#batch(input);
    while (batch.records.length < batchSize && batch.chars < BATCH_CHARS_MAX) {
      if (!(await input.read(batchSize - batch.records.length, batch.sink))) break;
    }
    this.#lines += batch.records.length;
    return batch.records;
  }

  #batch(input: Input): {
    readonly records: SourceRecord[];
    chars: number;
    readonly sink: LineSink;
  } {
    const { clock } = must(this.#context, 'the task is started before it is polled');
    const { topic, isJson, file } = must(this.#settings, 'settings are there after the start');
    const name = file ?? 'standard input';
    const timestampMs = clock.nowMs();
    const records: SourceRecord[] = [];
    const { partition: sourcePartition } = input;
    const record = (value: unknown, end: number): SourceRecord => ({
      topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: isJson ? null : LINE_SCHEMA,
      value,
      timestampMs,
      headers: NO_HEADERS,
      sourcePartition,
      sourceOffset: input.offset(end),
    });
    const refuse = (end: number, error: MillraceError): void => {
      this.#unreadable++;
      records.push(unreadable(record(null, end), error));
    };
    const batch = {
      records,
      chars: 0,
      sink: {
        line: (text: string, end: number): void => {
          batch.chars += text.length;
          if (!isJson) {
            records.push(record(text, end));
            return;
          }
          if (text.trim() === '') return; // an empty line holds no document
          try {
            records.push(record(parseJson(text, false), end));
          } catch (error) {
            refuse(
              end,
              lineUnreadable(
                name,
                end,
                `is not JSON: ${error instanceof Error ? error.message : ''}`,
              ),
            );
          }
        },
        malformed: (end: number): void => refuse(end, lineUnreadable(name, end, 'is not UTF-8')),
        tooLong: (end: number, bytes: number): void => refuse(end, lineTooLong(name, end, bytes)),
      },
    };
    return batch;
  }
}

/**
 * A record whose value can't be had: asking for it throws, so that the runtime treats it by the error strategy like
 * any other record that fails on its way (INV-2), and goes on behind it.
 */
function unreadable(record: SourceRecord, error: MillraceError): SourceRecord {
  return {
    ...record,
    get value(): unknown {
      throw error;
    },
  };
}

function settingsFrom(config: Readonly<Record<string, string>>) {
  const values = resolveConfig(sourceFields, config, 'the file source');
  return {
    file: values.file === '' ? null : values.file,
    topic: values.topic,
    batchSize: values['batch.size'],
    isJson: values.format.toLowerCase() === 'jsonl',
    encoding: values.encoding.toLowerCase() === 'utf-8' ? ('utf8' as const) : ('latin1' as const),
    lineBytesMax: values['line.bytes.max'],
    flushUnfinishedMs: values['unterminated.line.flush.ms'],
    pollIntervalMs: values['file.poll.interval.ms'],
  };
}
