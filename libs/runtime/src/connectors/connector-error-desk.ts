import {
  DeadLetters,
  type DeadLetterPage,
  type DeadLetterQuery,
  type LetterOwner,
} from '../dead-letters/dead-letters.ts';
import type { DeadLetterView } from '../dead-letters/letter-view.ts';
import type { ReplayRequest, ReplayStatus } from '../dead-letters/replay-status.ts';
import type { ConnectorErrors, ErrorDesk } from '../error-desk.ts';
import { notFound } from '../errors.ts';
import type { ConnectorPorts } from './connector-ports.ts';
import type { ConnectorSupervisor } from './connector-supervisor.ts';

/** A replay of few letters is over by then, and the answer says what became of them. */
const ANSWER_AFTER_MS = 1000;
/** What a connector that is being changed is waited for; then its running tasks are taken as they are. */
const SETTLED_AFTER_MS = 10_000;

/** What failed in the connectors of this worker, and their dead letters. */
export class ConnectorErrorDesk implements ErrorDesk {
  readonly #ports: ConnectorPorts;
  readonly #find: (name: string) => ConnectorSupervisor | undefined;
  #opened: Promise<DeadLetters> | undefined;
  #known: DeadLetters | undefined;

  constructor(ports: ConnectorPorts, find: (name: string) => ConnectorSupervisor | undefined) {
    this.#ports = ports;
    this.#find = find;
  }

  errorsOf(name: string): ConnectorErrors {
    const { errors } = this.#supervisor(name);
    const { since, forgotten } = errors;
    return { name, since, groups: errors.list(), forgotten };
  }

  clearErrors(name: string): void {
    this.#supervisor(name).errors.clear();
  }

  async deadLetters(name: string, query: DeadLetterQuery): Promise<DeadLetterPage> {
    const owner = await this.#owner(name);
    return (await this.#letters()).list(owner, query);
  }

  async deadLetter(name: string, partition: number, offset: number): Promise<DeadLetterView> {
    const owner = await this.#owner(name);
    return (await this.#letters()).show(owner, partition, offset);
  }

  async replayDeadLetters(name: string, request: ReplayRequest): Promise<ReplayStatus> {
    // A configuration that was just stored is the one to replay with: its tasks come first.
    await this.#patiently(this.#supervisor(name).settled(), SETTLED_AFTER_MS);
    const owner = await this.#owner(name);
    const replay = await (await this.#letters()).replay(owner, request);
    await this.#patiently(replay.start(), ANSWER_AFTER_MS);
    return replay.status();
  }

  replays(name: string): readonly ReplayStatus[] {
    this.#supervisor(name);
    return this.#known?.replays(name) ?? [];
  }

  replay(name: string, id: string): ReplayStatus {
    this.#supervisor(name);
    return this.#mustKnow(name, id).find(name, id).status();
  }

  async cancelReplay(name: string, id: string): Promise<ReplayStatus> {
    this.#supervisor(name);
    const replay = this.#mustKnow(name, id).find(name, id);
    await replay.cancel('it was cancelled');
    return replay.status();
  }

  /** The connector is another one from now on. */
  changed(name: string): void {
    this.#known?.stop(name, 'the configuration of the connector was changed');
  }

  deleted(name: string): void {
    this.#known?.stop(name, 'the connector was deleted');
    this.#known?.forget(name);
  }

  async close(): Promise<void> {
    await this.#known?.close();
  }

  async #patiently(work: Promise<void>, limitMs: number): Promise<void> {
    const timer = new AbortController();
    const patience = this.#ports.clock.sleep(limitMs, timer.signal).catch(() => undefined);
    await Promise.race([work, patience]);
    timer.abort();
  }

  /** Opened when first asked for: most workers have no dead letters. */
  async #letters(): Promise<DeadLetters> {
    this.#opened ??= this.#ports.offsets.of(undefined).then((offsets) => {
      this.#known = new DeadLetters({ ...this.#ports, offsets });
      return this.#known;
    });
    return this.#opened;
  }

  #mustKnow(name: string, id: string): DeadLetters {
    if (this.#known !== undefined) return this.#known;
    throw notFound(`There is no replay ${id} of connector ${name}`);
  }

  async #owner(name: string): Promise<LetterOwner> {
    const supervisor = this.#supervisor(name);
    const stored = this.#ports.configs.find(name)?.config;
    if (stored === undefined) throw notFound(`Connector ${name} not found`);
    const plugin = this.#ports.registry.connector(stored['connector.class'] ?? '');
    const { config: resolved } = await this.#ports.resolve(stored);
    return {
      name,
      plugin,
      stored,
      resolved,
      tasks: () => supervisor.tasks.flatMap(([, task]) => task.replaying ?? []),
    };
  }

  #supervisor(name: string): ConnectorSupervisor {
    const supervisor = this.#find(name);
    if (supervisor === undefined) throw notFound(`Connector ${name} not found`);
    return supervisor;
  }
}
