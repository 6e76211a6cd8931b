import { badSettings } from '../errors.ts';

/** Whose fields are converted, or spared, by what the list says. */
export interface TimezoneRule {
  /** Empty: all. */
  readonly fields: ReadonlySet<string>;
}

const ITEM = /^["\w\s.$-]+(?::["\w\s.$-]+){0,2}$/;

type Kind = 'topic' | 'source' | 'either';

/** `include.list` or `exclude.list` of the TimezoneConverter. */
export class TimezoneRules {
  readonly #fields: Readonly<Record<Kind, Map<string, Set<string>>>> = {
    topic: new Map(),
    source: new Map(),
    either: new Map(),
  };

  /** @throws MillraceError `transform.bad_settings` */
  constructor(key: string, items: readonly string[]) {
    if (!items.every((item) => ITEM.test(item)) || items[0]?.includes(':') === false)
      throw badSettings(
        `Invalid ${key.replace('.', ' ')} format. Please specify a list of rules in the format of "source:<tablename>:<fieldnames>", "topic:<topicname>:<fieldnames>", "<matchname>:<fieldnames>"`,
      );
    // One that is named holds for the items behind it.
    let kind: Kind = 'either';
    for (const item of items) {
      const parts = item.split(':');
      const [first = ''] = parts;
      const isNamed = parts.length > 1 && /^(?:topic|source)$/i.test(first);
      if (isNamed) kind = first === 'topic' || first === 'source' ? first : 'either';
      const [name = '', field] = isNamed ? parts.slice(1) : parts;
      const known = this.#fields[kind].get(name) ?? new Set<string>();
      this.#fields[kind].set(name, known);
      if (field !== undefined) known.add(field);
    }
  }

  find(topic: string, table: string | undefined): TimezoneRule | undefined {
    const { topic: topics, source: tables, either } = this.#fields;
    const fields =
      topics.get(topic) ??
      (table === undefined ? undefined : tables.get(table)) ??
      either.get(topic) ??
      (table === undefined ? undefined : either.get(table));
    return fields === undefined ? undefined : { fields };
  }
}
