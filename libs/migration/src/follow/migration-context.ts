import type { Clock, Logger, Random } from '@millrace/foundation';
import type { Plan } from '../plan/make-plan.ts';
import { namesFor, type Direction, type MigrationNames } from '../plan/migration-names.ts';
import { reversedPairs } from '../cutover/reversed-pairs.ts';
import type { Endpoint } from '../server/endpoint.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import { count, type Session } from '../server/session-api.ts';
import type { MigrationState, StateStore } from '../state.ts';
import { ConnectRest, type Failure, type RestApi } from './connect-rest.ts';
import { sinkConfigs, sourceConfig, type Config } from './connector-configs.ts';
import { MigrationLog } from './migration-log.ts';

export interface ContextOptions {
  readonly plan: Plan;
  readonly source: Endpoint;
  readonly target: Endpoint;
  /** What stands for the passwords in the connectors' configurations. */
  readonly sourcePassword: string;
  readonly targetPassword: string;
  readonly rest: RestApi;
  readonly store: StateStore;
  readonly state: MigrationState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** One way of a migration, with the worker that carries it. */
export class Way implements AsyncDisposable {
  readonly direction: Direction;
  readonly names: MigrationNames;
  readonly rest: ConnectRest;
  readonly log: MigrationLog;
  readonly topics: readonly string[];
  readonly #sinks: ReadonlyMap<string, Config>;
  readonly #source: Config;

  private constructor(direction: Direction, options: ContextOptions, log: MigrationLog) {
    this.direction = direction;
    this.names = namesFor(options.plan.id, direction);
    this.rest = new ConnectRest(options.rest);
    this.log = log;
    const pairs = pairsOf(options.plan, direction);
    const isForward = direction === 'forward';
    const connectors = {
      source: isForward ? options.source : options.target,
      target: isForward ? options.target : options.source,
      sourcePassword: isForward ? options.sourcePassword : options.targetPassword,
      targetPassword: isForward ? options.targetPassword : options.sourcePassword,
      sourceProduct: (isForward ? options.plan.sourceProduct : options.plan.targetProduct).product,
      targetProduct: (isForward ? options.plan.targetProduct : options.plan.sourceProduct).product,
      names: this.names,
      pairs,
      hasSnapshot: isForward,
      isTargetLive: !isForward && options.plan.isOldQuiet,
      serverId: options.state.serverId + (isForward ? 0 : 1),
    };
    this.#source = sourceConfig(connectors);
    this.#sinks = sinkConfigs(connectors);
    this.topics = pairs.map((pair) => this.names.topic(pair.source));
  }

  static async open(direction: Direction, options: ContextOptions): Promise<Way> {
    const address = await new ConnectRest(options.rest).logAddress();
    return new Way(direction, options, new MigrationLog(address, options));
  }

  get sinkNames(): readonly string[] {
    return [...this.#sinks.keys()];
  }

  get groups(): readonly string[] {
    return this.sinkNames.map((name) => `connect-${name}`);
  }

  get connectorNames(): readonly string[] {
    return [this.names.source, ...this.sinkNames];
  }

  async isStarted(): Promise<boolean> {
    const names = await this.rest.names();
    return this.connectorNames.every((name) => names.includes(name));
  }

  /** Creates what is missing and updates what is there; goes on where it stopped. */
  async start(): Promise<void> {
    await this.log.ensureTopics(this.topics);
    for (const [name, config] of this.#sinks) await this.rest.put(name, config);
    await this.rest.put(this.names.source, this.#source);
  }

  /** Of the source connector alone: what stands in the log already still goes to the target. */
  async stopSource(): Promise<void> {
    await this.rest.stop(this.names.source);
  }

  /** Changes from here on are captured: the slot is there and read, or the first offset is stored. */
  async isReading(source: Session): Promise<boolean> {
    if (source.endpoint.family !== 'postgres')
      return (await this.rest.sourceOffset(this.names.source)) !== undefined;
    const [row] = await source.query(
      'SELECT count(*) AS reading FROM pg_replication_slots WHERE slot_name = $1 AND active',
      [this.names.slot],
    );
    return count(row, 'reading') > 0;
  }

  async remove(): Promise<void> {
    const names = await this.rest.names();
    for (const name of this.connectorNames) if (names.includes(name)) await this.rest.remove(name);
  }

  /** What its connectors failed with, those included that start again by themselves. */
  async failures(): Promise<readonly (Failure & { readonly connector: string })[]> {
    const failures: (Failure & { connector: string })[] = [];
    for (const connector of this.connectorNames) {
      const failure = await this.rest.failure(connector);
      if (failure !== undefined) failures.push({ ...failure, connector });
    }
    return failures;
  }

  /** @throws MillraceError of the first connector that somebody has to mend */
  async throwFailures(): Promise<void> {
    for (const { error, restartsItself } of await this.failures()) if (!restartsItself) throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]();
  }
}

export function pairsOf({ schema }: Plan, direction: Direction): readonly TablePair[] {
  return direction === 'forward' ? schema.pairs : reversedPairs(schema.pairs);
}
