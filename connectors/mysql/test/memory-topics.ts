import type { TopicAccess, TopicLog, TopicRecord } from '@millrace/connector-api';

/** Topics of a connector in memory, which survive tasks. */
export class MemoryTopics implements TopicAccess {
  readonly #topics = new Map<string, TopicRecord[]>();

  open(topic: string): TopicLog {
    const records = (): TopicRecord[] => this.#topics.get(topic) ?? [];
    return {
      read: (fromOffset) =>
        Promise.resolve({ records: records().slice(fromOffset), nextOffset: records().length }),
      end: () => Promise.resolve(records().length),
      append: (more) => {
        const all = records();
        for (const { key, value } of more) all.push({ key, value, offset: all.length });
        this.#topics.set(topic, all);
        return Promise.resolve();
      },
      ensure: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Values as JSON. */
  documents(topic: string): Record<string, unknown>[] {
    return (this.#topics.get(topic) ?? []).map(
      ({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as Record<string, unknown>,
    );
  }

  put(topic: string, key: string, value: unknown): void {
    const all = this.#topics.get(topic) ?? [];
    all.push({
      key: Buffer.from(key),
      value: Buffer.from(JSON.stringify(value)),
      offset: all.length,
    });
    this.#topics.set(topic, all);
  }

  clear(topic: string): void {
    this.#topics.delete(topic);
  }
}
