import { systemClock } from '@millrace/foundation';

const TIMEOUT_MS = 60_000;

/** What `GET /connectors` tells of the world, without what names the worker that tells it. */
export interface Told {
  /** Configuration, type and tasks of each connector. */
  readonly info: unknown;
  /** Its state and those of its tasks. */
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly offsets: Readonly<Record<string, unknown>>;
}

interface Expanded {
  readonly info: { readonly config: Readonly<Record<string, string>> };
  readonly status: {
    readonly connector: { readonly state: string };
    readonly tasks: readonly { readonly state: string }[];
  };
}

/** One of the two workers, by its REST API. */
export class Side {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error with what it answered instead of a success */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async told(): Promise<Told> {
    // Their common shape.
    const all = (await this.send('GET', '/connectors?expand=info&expand=status')) as Readonly<
      Record<string, Expanded>
    >;
    const names = Object.keys(all).sort();
    const offsets: Record<string, unknown> = {};
    for (const name of names) offsets[name] = await this.#offsets(name);
    return {
      info: sorted(Object.fromEntries(names.map((name) => [name, all[name]?.info]))),
      states: Object.fromEntries(names.map((name) => [name, statesOf(all[name])])),
      offsets,
    };
  }

  /** In one order: Kafka Connect's is that of a hash table. */
  async #offsets(name: string): Promise<readonly string[]> {
    const answer = (await this.send('GET', `/connectors/${name}/offsets`)) as {
      readonly offsets: readonly unknown[];
    };
    return answer.offsets.map((each) => JSON.stringify(sorted(each))).sort();
  }

  /** @throws Error with what was there last, when it is not as wanted in time */
  async untilStates(wanted: Told['states']): Promise<void> {
    await until(async () => {
      const { states } = await this.told();
      return JSON.stringify(states) === JSON.stringify(sorted(wanted))
        ? undefined
        : JSON.stringify(states);
    });
  }

  /** Until its only position is this one; Millrace keeps more beside it. */
  async untilOffset(name: string, key: 'position' | 'kafka_offset', wanted: number): Promise<void> {
    const pattern = new RegExp(`"${key}":${wanted}\\b`);
    await until(async () => {
      const told = JSON.stringify(await this.send('GET', `/connectors/${name}/offsets`));
      return pattern.test(told) ? undefined : `${name}: ${told}, not ${key} ${wanted}`;
    });
  }
}

/** @throws Error with the last problem, when there still is one after a while */
export async function until(
  problem: () => Promise<string | undefined>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + timeoutMs;
  for (;;) {
    const found = await problem().catch((error: unknown) => String(error));
    if (found === undefined) return;
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(found);
    await systemClock.sleep(200);
  }
}

function statesOf(connector: Expanded | undefined): readonly string[] {
  if (connector === undefined) return [];
  const { connector: own, tasks } = connector.status;
  return [own.state, ...tasks.map(({ state }) => state)];
}

/** Members in the order of their names, so that two answers can be compared as text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
