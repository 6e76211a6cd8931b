import type { HttpAnswer } from './http.ts';

export type Aspect = 'status' | 'content type' | 'headers' | 'body';

/** What is compared of an answer, without what can't be equal. */
export type Compared = Readonly<Record<Aspect, unknown>>;

/** Headers that say something about the API; others are the HTTP server's own. */
const HEADERS = ['location', 'allow', 'www-authenticate'];

/** Names of this worker, times and traces are of each system's own. */
export function comparedOf(answer: HttpAnswer, base: string): Compared {
  const { host } = new URL(base);
  const shown = (text: string): string =>
    text.replaceAll(host, 'WORKER').replaceAll(/ Did you mean [\w.$-]+\?/g, '');
  return {
    status: answer.status,
    'content type': textOf(answer.headers['content-type']),
    headers: Object.fromEntries(
      HEADERS.map((name) => [name, sortedList(shown(textOf(answer.headers[name])))]),
    ),
    body: bodyOf(shown(answer.text)),
  };
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(', ') ?? '');
}

function sortedList(text: string): string {
  return text
    .split(/\s*,\s*/)
    .sort()
    .join(', ');
}

function bodyOf(text: string): unknown {
  try {
    return canonical(JSON.parse(text));
  } catch {
    return /^[A-Z]+(, [A-Z]+)*$/.test(text) ? sortedList(text) : text;
  }
}

/** Ours beside Connect's members (D6). */
function isAddition(key: string, object: object): boolean {
  if ('error_code' in object) return key === 'code' || key === 'hint';
  if (key === 'fingerprint' || key === 'inode') return 'position' in object;
  if (key === 'restart') return 'worker_id' in object;
  return key === 'millrace_version' || (key === 'order_in_group' && 'order' in object);
}

/** What each has of its own: documentation is in our words, versions are ours. */
const OWN: Readonly<Record<string, (member: unknown) => unknown>> = {
  trace: () => 'TRACE',
  documentation: (member) => typeof member,
  version: () => 'VERSION',
  commit: () => 'COMMIT',
  kafka_cluster_id: () => 'CLUSTER',
  recommended_values: (member) =>
    Array.isArray(member) ? [...new Set(member.map(canonical))] : member,
  offsets: (member) => (Array.isArray(member) ? sortedByText(member.map(canonical)) : member),
  last_modified: (member) => (typeof member === 'number' ? 'TIME' : member),
};

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !isAddition(key, value))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]): [string, unknown] => [key, (OWN[key] ?? canonical)(member)]);
  const object: Readonly<Record<string, unknown>> = Object.fromEntries<unknown>(entries);
  return isVersionKey(object['name']) ? withoutVersions(object) : object;
}

function sortedByText(values: readonly unknown[]): readonly unknown[] {
  const texts = values.map((value): [string, unknown] => [JSON.stringify(value), value]);
  return texts.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
}

function isVersionKey(name: unknown): boolean {
  return typeof name === 'string' && name.endsWith('plugin.version');
}

/** A key whose values are versions of plugins. */
function withoutVersions(key: Readonly<Record<string, unknown>>): unknown {
  const shown = Object.entries(key).map(([member, value]) => {
    const isVersion = member === 'default_value' || member === 'value';
    if (isVersion) return [member, value === null ? null : 'VERSION'];
    return [member, member === 'recommended_values' ? ['VERSION'] : value];
  });
  return Object.fromEntries(shown);
}

/**
 * Ours without the plugins that only we have: a list of them, or of what is recommended, is compared as far as Kafka
 * Connect has it.
 */
export function withoutMore(ours: unknown, theirs: unknown, key = ''): unknown {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (key === 'recommended_values')
      return theirs.length === 0 ? [] : ours.filter((each) => theirs.includes(each));
    const names = new Set(theirs.map(nameOf));
    if (theirs.length > 0 && !names.has(undefined)) return shared(ours, theirs, names);
    return ours.map((each, index) => withoutMore(each, theirs[index]));
  }
  if (!isObject(ours) || !isObject(theirs)) return ours;
  const entries = Object.entries(ours);
  return Object.fromEntries(
    entries.map(([name, each]) => [name, withoutMore(each, theirs[name], name)]),
  );
}

function shared(
  ours: readonly unknown[],
  theirs: readonly unknown[],
  names: ReadonlySet<unknown>,
): readonly unknown[] {
  return ours
    .filter((each) => names.has(nameOf(each)))
    .map((each, index) => withoutMore(each, theirs[index]));
}

/** What a plugin, a key or the validation of a key is known by. */
function nameOf(entry: unknown): unknown {
  if (!isObject(entry)) return undefined;
  const { value } = entry;
  if (isObject(value) && 'definition' in entry) return value['name'];
  return entry['class'] ?? ('display_name' in entry ? entry['name'] : undefined);
}

/** Where two bodies differ first, and how, in a line; undefined when they don't. */
export function differenceOf(ours: unknown, theirs: unknown, path = ''): string | undefined {
  if (Object.is(ours, theirs)) return undefined;
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const found = differenceOf(ours[key], theirs[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const at = path === '' ? '' : `${path}: `;
  return `${at}ours ${shortly(ours)}, Kafka Connect's ${shortly(theirs)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shortly(value: unknown): string {
  return (value === undefined ? 'none' : JSON.stringify(value)).slice(0, 130);
}
