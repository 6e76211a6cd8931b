import { MillraceError } from '@millrace/foundation';
import type { ContextOptions, Way } from './migration-context.ts';
import type { MigrationEvent } from './run-migration.ts';
import { followSource, type SourceChanges } from './source-changes.ts';

/** The tables of the source are looked at so often, and whenever a sink fails. */
const LOOK_EVERY_MS = 30_000;
/** What a person has to mend in the target is tried again so often. */
const RETRY_EVERY_MS = 10_000;
/** A connector that is restarted fails again within this time, if it does. */
const BEGIN_MS = 3_000;
/** So often in a row a sink may fail without a change of a table. */
const FUTILE_MAX = 2;

export interface FollowerOptions extends ContextOptions {
  readonly onEvent: (event: MigrationEvent) => void;
}

interface Lasting {
  readonly connector: string;
  readonly error: MillraceError;
}

/** Keeps the target's tables in step with what is done to those of the source while rows are carried. */
export class SourceFollower {
  readonly #options: FollowerOptions;
  readonly #way: Way;
  #nextLookMs: number;
  #nextMendMs = 0;
  #futile = 0;
  readonly #told = new Set<string>();

  constructor(options: FollowerOptions, way: Way) {
    this.#options = options;
    this.#way = way;
    this.#nextLookMs = options.clock.monotonicMs() + LOOK_EVERY_MS;
  }

  /**
   * Once a reading, with the connectors that will not start again by themselves.
   * @throws MillraceError of the first that fails for another reason than a table that was changed
   */
  async look(lasting: readonly Lasting[]): Promise<void> {
    const { clock } = this.#options;
    const sinks = lasting.filter(({ connector }) => this.#way.sinkNames.includes(connector));
    const other = lasting.find((each) => !sinks.includes(each));
    if (other !== undefined) throw other.error;
    const nowMs = clock.monotonicMs();
    const [first] = sinks;
    // Without a failure it is only time; with one, what was restarted is given time to begin.
    if (nowMs < (first === undefined ? this.#nextLookMs : this.#nextMendMs)) return;
    this.#nextLookMs = nowMs + LOOK_EVERY_MS;
    if (first === undefined) this.#futile = 0;
    const changes = await this.#follow(first !== undefined);
    if (changes === undefined || first === undefined) return;
    const { added, open } = changes;
    this.#futile = added.length > 0 || open.length > 0 ? 0 : this.#futile + 1;
    if (this.#futile >= FUTILE_MAX) throw first.error;
    // Whoever mends it need not tell us.
    if (open.length > 0) this.#tell([first.error.message, ...open]);
    this.#nextMendMs = nowMs + (open.length > 0 ? RETRY_EVERY_MS : BEGIN_MS);
    for (const { connector } of sinks) await this.#way.rest.restart(connector);
  }

  /** Undefined: a server is away. */
  async #follow(isNeeded: boolean): Promise<SourceChanges | undefined> {
    const { onEvent } = this.#options;
    try {
      const changes = await followSource(this.#options);
      for (const about of changes.added) onEvent({ kind: 'step', about });
      for (const table of changes.created) {
        if (this.#told.has(table)) continue;
        this.#told.add(table);
        onEvent({ kind: 'not-carried', table });
      }
      return changes;
    } catch (error) {
      if (!(error instanceof MillraceError) || (isNeeded && error.retry === 'fatal')) throw error;
      this.#tell([error.message]);
      return undefined;
    }
  }

  #tell(lines: readonly string[]): void {
    this.#options.onEvent({ kind: 'trouble', message: lines.join('\n    ') });
  }
}
