import { systemClock } from '@millrace/foundation';
import type { ConnectorStatus, MillraceServer } from '@millrace/test-servers';

type State = 'STARTED' | 'PAUSED' | 'STOPPED';
type Offsets = Readonly<Record<string, number>>;
type Entry = {
  readonly partition: Readonly<Record<string, unknown>>;
  readonly offset: Readonly<Record<string, number>> | null;
};

/** What a person knows of a connector; offsets outlive it, as in Kafka Connect. */
export interface Known {
  /** Which of its configurations it has; undefined when it is not there. */
  readonly config: number | undefined;
  readonly state: State;
  readonly offsets: Offsets;
}

/** A kind of connector whose tasks move no offset by themselves. */
export interface Kind {
  readonly config: (version: number) => Readonly<Record<string, string>>;
  readonly versionOf: (config: Readonly<Record<string, string>>) => number;
  readonly partitions: readonly Readonly<Record<string, string | number>>[];
  readonly offsetKey: string;
  /** Those that it may be created in or set to. */
  readonly states: readonly State[];
}

interface Change {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly after: Known;
}

const NONE: Known = { config: undefined, state: 'STARTED', offsets: {} };
const VERBS = { STARTED: 'resume', PAUSED: 'pause', STOPPED: 'stop' } as const;

/** Changes one connector again and again, and knows after a kill what may be found. */
export class RestActor {
  readonly name: string;
  readonly #kind: Kind;
  readonly #random: () => number;
  #known: Known = NONE;
  /** Asked for, and not answered. */
  #pending: Change | undefined;
  #version = 0;
  /** Answered changes, for the failure to tell. */
  readonly #story: string[] = [];
  acknowledged = 0;
  /** What a kill left open. */
  readonly interrupted: string[] = [];

  constructor(name: string, kind: Kind, random: () => number) {
    this.name = name;
    this.#kind = kind;
    this.#random = random;
  }

  /** One change after the other, until there is no answer any more. */
  async run(server: MillraceServer): Promise<void> {
    for (;;) {
      const change = this.#next();
      this.#pending = change;
      const response = await server
        .send(change.method, change.path, change.body)
        .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
        .catch(() => undefined); // killed meanwhile
      if (response === undefined) return;
      if (response.status >= 300)
        throw new Error(`${this.#told()}: ${response.status} ${response.text}`);
      this.#known = change.after;
      this.#pending = undefined;
      this.acknowledged++;
      this.#story.push(change.what);
    }
  }

  /** After a restart: what is there is what was acknowledged, or that with the change that was under way. */
  async expectOneOrTheOther(server: MillraceServer): Promise<void> {
    const found = await this.#find(server);
    const { config } = found;
    const possible = [this.#known, ...(this.#pending === undefined ? [] : [this.#pending.after])];
    // Without the connector nobody can ask for its state and its offsets.
    const match = possible.find((known) =>
      config === undefined ? known.config === undefined : textOf(known) === textOf(found),
    );
    if (match === undefined)
      throw new Error(
        `${this.#told()}: found ${textOf(found)}, expected ${possible.map(textOf).join(' or ')}`,
      );
    if (this.#pending !== undefined) this.interrupted.push(this.#pending.what);
    this.#known = match;
    this.#pending = undefined;
  }

  #told(): string {
    const story = this.#story.slice(-4).join(', ');
    return `"${this.name}" after ${story}, then ${this.#pending?.what ?? 'nothing'}`;
  }

  #next(): Change {
    const { config, state } = this.#known;
    const path = `/connectors/${this.name}`;
    const version = ++this.#version;
    const wanted = this.#pick(this.#kind.states);
    if (config === undefined)
      return {
        what: `create ${version} ${wanted}`,
        method: 'POST',
        path: '/connectors',
        body: {
          name: this.name,
          config: this.#kind.config(version),
          initial_state: wanted === 'STARTED' ? 'RUNNING' : wanted,
        },
        after: { ...this.#known, config: version, state: wanted },
      };
    const roll = this.#random();
    if (roll < 0.15)
      return {
        what: 'delete',
        method: 'DELETE',
        path,
        after: { ...this.#known, config: undefined },
      };
    if (roll < 0.3)
      return {
        what: `config ${version}`,
        method: 'PUT',
        path: `${path}/config`,
        body: this.#kind.config(version),
        after: { ...this.#known, config: version },
      };
    if (state === 'STOPPED' && roll < 0.45)
      return {
        what: 'reset offsets',
        method: 'DELETE',
        path: `${path}/offsets`,
        after: { ...this.#known, offsets: {} },
      };
    if (state === 'STOPPED' && roll < 0.9) return this.#alteration(`${path}/offsets`, version);
    return {
      what: VERBS[wanted],
      method: 'PUT',
      path: `${path}/${VERBS[wanted]}`,
      after: { ...this.#known, state: wanted },
    };
  }

  /** All partitions are set to the same; every second time some are forgotten. */
  #alteration(path: string, value: number): Change {
    const forgotten = this.#random() < 0.5 ? 0.3 : 0;
    const offsets: Record<string, number> = {};
    const entries = this.#kind.partitions.map((partition): Entry => {
      if (this.#random() < forgotten) return { partition, offset: null };
      offsets[JSON.stringify(partition)] = value;
      return { partition, offset: { [this.#kind.offsetKey]: value } };
    });
    return {
      what: `offsets ${value}${forgotten > 0 ? ', some forgotten' : ''}`,
      method: 'PATCH',
      path,
      body: { offsets: entries },
      after: { ...this.#known, offsets },
    };
  }

  /** As the worker shows it once the connector is what its target state says. */
  async #find(server: MillraceServer): Promise<Known> {
    const path = `/connectors/${this.name}`;
    const isListed = (await server.getJson<readonly string[]>('/connectors')).includes(this.name);
    const answer = await server.send('GET', `${path}/config`);
    if (isListed !== answer.ok)
      throw new Error(`${this.#told()}: listed ${isListed}, config ${answer.status}`);
    if (!answer.ok) {
      for (const part of ['', '/status', '/tasks', '/offsets']) {
        const { status } = await server.send('GET', path + part);
        if (status !== 404)
          throw new Error(`${this.#told()}: not there, but GET ${path}${part} answers ${status}`);
      }
      return NONE;
    }
    // The answers are our own.
    const config = (await answer.json()) as Record<string, string>;
    const { offsets } = await server.getJson<{ offsets: readonly Entry[] }>(`${path}/offsets`);
    return {
      config: this.#kind.versionOf(config),
      state: await this.#settledState(server, path),
      offsets: Object.fromEntries(
        offsets.map(({ partition, offset }) => [
          JSON.stringify(
            this.#kind.partitions.find((each) =>
              Object.entries(each).every(([key, value]) => partition[key] === value),
            ) ?? partition,
          ),
          offset?.[this.#kind.offsetKey] ?? NaN,
        ]),
      ),
    };
  }

  /** Tasks included: one for what runs, none for what is stopped. */
  async #settledState(server: MillraceServer, path: string): Promise<State> {
    for (;;) {
      const { connector, tasks } = await server.getJson<ConnectorStatus>(`${path}/status`);
      const configured = await server.getJson<readonly unknown[]>(`${path}/tasks`);
      const states = tasks.map(({ state }) => state);
      if (connector.state === 'STOPPED' && states.length + configured.length === 0)
        return 'STOPPED';
      if (connector.state === 'PAUSED' && states.every((state) => state === 'PAUSED'))
        return 'PAUSED';
      if (connector.state === 'RUNNING' && states.join() === 'RUNNING' && configured.length === 1)
        return 'STARTED';
      if (connector.state === 'FAILED') throw new Error(connector.trace);
      await systemClock.sleep(20);
    }
  }

  #pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    const picked = list[Math.floor(this.#random() * list.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }
}

function textOf({ config, state, offsets }: Known): string {
  if (config === undefined) return 'no connector';
  const entries = Object.entries(offsets).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify({ config, state, offsets: Object.fromEntries(entries) });
}
