import type { Clock } from '@millrace/foundation';
import { timedOut } from '../errors.ts';
import type { Session } from '../server/session-api.ts';
import { lagOf } from './migration-log.ts';
import type { Way } from './migration-context.ts';
import { sourcePosition, type PositionReader } from './source-position.ts';

export interface WatermarkOptions {
  readonly way: Way;
  /** Of the side that leads. */
  readonly source: Session;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A failed connector, or a stalled one, is noticed after so long at the latest. */
  readonly timeoutMs: number;
}

const LOOK_EVERY_MS = 200;
/** What failed since its table was changed at the source, and is mended by now, only has to begin again. */
const PATIENCE_MS = 20_000;
const RESTART_EVERY_MS = 4_000;

/** Knows when everything that a database had at one moment has arrived in the other. */
export class Watermark {
  readonly #options: WatermarkOptions;
  readonly #position: PositionReader;

  constructor(options: WatermarkOptions) {
    this.#options = options;
    this.#position = sourcePosition(options.source, options.way);
  }

  /** First the log has everything up to now, then the target has everything that the log has. */
  async pass(): Promise<void> {
    const { way } = this.#options;
    const mark = await this.#position.now();
    await this.#until(
      () => this.#position.isDurable(mark),
      'the source connector did not read up to the present',
    );
    const ends = await way.log.ends(way.topics);
    await this.#until(
      async () => lagOf(ends, await way.log.committed(way.groups)) === 0,
      'the sink did not write everything that is in the log',
    );
  }

  async #until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
    const { clock, signal, way, timeoutMs } = this.#options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    let failedAtMs: number | undefined;
    let restartAtMs = 0;
    for (;;) {
      signal.throwIfAborted();
      if (await isTrue()) return;
      const failed = (await way.failures()).filter(({ restartsItself }) => !restartsItself);
      if (failed[0] === undefined) failedAtMs = undefined;
      else {
        const nowMs = clock.monotonicMs();
        failedAtMs ??= nowMs;
        if (nowMs > failedAtMs + PATIENCE_MS) throw failed[0].error;
        if (nowMs >= restartAtMs) {
          restartAtMs = nowMs + RESTART_EVERY_MS;
          for (const { connector } of failed) await way.rest.restart(connector);
        }
      }
      if (clock.monotonicMs() > deadlineMs)
        throw timedOut(what, 'look at the lag; give it more time with --timeout SECONDS');
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}
