import {
  DEFAULT_LOG_CONFIG,
  LogManager,
  SimDisk,
  type LogConfig,
  type PartitionLog,
} from '../src/index.ts';
import type { LogManagerOptions, ReadOptions } from '../src/index.ts';
import { batch, ManualClock, recordsOf, seededRandom, type BatchSpec } from './support.ts';

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** A manager with one log `t-0` on a simulated disk (or a real folder), restarted and crashed at will. */
export class LogContext implements AsyncDisposable {
  readonly disk: SimDisk;
  readonly clock = new ManualClock();
  config: LogConfig;
  readonly #options: LogManagerOptions;
  #manager: LogManager | undefined;

  private constructor(config: Partial<LogConfig>, options: Partial<LogManagerOptions>) {
    this.disk = new SimDisk();
    this.config = { ...DEFAULT_LOG_CONFIG, ...config };
    this.#options = {
      folders: ['/data'],
      nodeId: 1,
      clock: this.clock,
      random: seededRandom(1),
      configFor: () => this.config,
      ...options,
    };
  }

  static async open(
    config: Partial<LogConfig> = {},
    options: Partial<LogManagerOptions> = {},
  ): Promise<LogContext> {
    const context = new LogContext(config, options);
    await context.start();
    return context;
  }

  get manager(): LogManager {
    if (this.#manager === undefined) throw new Error('not started');
    return this.#manager;
  }

  get log(): PartitionLog {
    const log = this.manager.find('t', 0);
    if (log === undefined) throw new Error('no log');
    return log;
  }

  get now(): number {
    return this.clock.nowMs();
  }

  async start(): Promise<void> {
    this.#manager = await LogManager.open({ disk: this.disk.forProcess(), ...this.#options });
    await this.#manager.ensure({
      topic: 't',
      partition: 0,
      topicId: TOPIC_ID,
      config: this.config,
    });
  }

  async restart(): Promise<void> {
    await this.manager.close();
    await this.start();
  }

  /** Ends the process without its knowledge and starts the next one. */
  async crash(how: () => void): Promise<void> {
    how();
    await this.manager.close(); // its handles are dead: this saves nothing
    await this.start();
  }

  configure(config: Partial<LogConfig>): void {
    this.config = { ...this.config, ...config };
    this.manager.configure('t', this.config);
  }

  /** Appends durably and answers the base offset. */
  async append(spec: BatchSpec | readonly string[], leaderEpoch = 0): Promise<number> {
    const full = isValues(spec) ? { values: spec } : spec;
    const bytes = batch({ timestampMs: this.now, ...full });
    const result = await this.log.append(bytes, { leaderEpoch });
    if (result.kind === 'refused') throw result.error;
    return result.baseOffset;
  }

  /** All values that a reader finds from `fromOffset` on. */
  async values(fromOffset = this.log.logStartOffset, options: ReadOptions = {}): Promise<string[]> {
    const values: string[] = [];
    for (let offset = fromOffset; ;) {
      const read = await this.log.read(offset, 100, { minOneMessage: true, ...options });
      if (read === 'offset-out-of-range') throw new Error(`${offset} is out of range`);
      if (read.bytes.byteLength === 0) return values;
      for (const record of recordsOf(read.bytes)) {
        if (record.offset >= offset) values.push(record.value ?? '');
      }
      offset = read.nextOffset;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager?.close();
  }
}

export function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function isValues(spec: BatchSpec | readonly string[]): spec is readonly string[] {
  return Array.isArray(spec);
}
