import { matchesAny } from '../name-filter.ts';

/** How a signal came: `signal.enabled.channels`, or the REST API. */
export type SignalChannelName = 'source' | 'kafka' | 'file' | 'rest';

/** A filter for some of the tables that a signal names. */
export interface AdditionalCondition {
  /** A regular expression over whole names, as in `data-collections`. */
  readonly collection: string;
  /** Incremental: what follows WHERE. Blocking: a whole SELECT. */
  readonly filter: string;
}

export type BinlogPosition =
  | { readonly kind: 'file'; readonly file: string; readonly position: number }
  | { readonly kind: 'gtid'; readonly gtidSet: string };

/** What a signal asks for. */
export type SignalAction =
  | {
      readonly kind: 'execute-snapshot';
      readonly mode: 'incremental' | 'blocking';
      /** Regular expressions over whole table names. */
      readonly collections: readonly string[];
      readonly conditions: readonly AdditionalCondition[];
      readonly surrogateKey: string | null;
    }
  /** Without collections: all. */
  | { readonly kind: 'stop-snapshot'; readonly collections: readonly string[] }
  | { readonly kind: 'pause-snapshot' }
  | { readonly kind: 'resume-snapshot' }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'set-binlog-position'; readonly position: BinlogPosition }
  /** Marks in the signal table, written by an incremental snapshot: not for people. */
  | { readonly kind: 'window-open' }
  | { readonly kind: 'window-close' }
  /** Can't be obeyed: `reason` is for the log. */
  | { readonly kind: 'invalid'; readonly reason: string };

export interface Signal {
  readonly id: string;
  readonly type: string;
  readonly channel: SignalChannelName;
  readonly action: SignalAction;
  /** Of the log topic: where the signal stands there. */
  readonly topicOffset: number | null;
}

/** The words of `snapshot-window-*` rows in the signal table. */
export const WINDOW_OPEN = 'snapshot-window-open';
export const WINDOW_CLOSE = 'snapshot-window-close';

/** A row of the signal table. */
export interface SignalRow {
  readonly id: string;
  readonly type: string;
  /** JSON, or null. */
  readonly data: string | null;
}

export function signalOfRow(row: SignalRow, channel: SignalChannelName = 'source'): Signal {
  return {
    id: row.id,
    type: row.type,
    channel,
    action: actionOf(row.type, row.data),
    topicOffset: null,
  };
}

/** A signal as JSON `{id, type, data}`: a line of the signal file, a record of the log topic, a body by REST. */
export function signalOfJson(
  text: string,
  channel: SignalChannelName,
  topicOffset: number | null = null,
): Signal {
  const parsed = parseObject(text);
  if (parsed === undefined)
    return {
      id: '',
      type: '',
      channel,
      topicOffset,
      action: { kind: 'invalid', reason: 'it is no JSON object' },
    };
  const { id, type, data } = parsed;
  const kind = typeof type === 'string' ? type : '';
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    type: kind,
    channel,
    topicOffset,
    action: actionOf(kind, typeof data === 'string' ? data : JSON.stringify(data ?? {})),
  };
}

function actionOf(type: string, data: string | null): SignalAction {
  if (type === WINDOW_OPEN) return { kind: 'window-open' };
  if (type === WINDOW_CLOSE) return { kind: 'window-close' };
  const parsed = data === null || data.trim() === '' ? {} : parseObject(data);
  if (parsed === undefined) return { kind: 'invalid', reason: 'its data is no JSON object' };
  switch (type) {
    case 'execute-snapshot':
      return executeSnapshot(parsed);
    case 'stop-snapshot':
      return ifIncremental(parsed, () => {
        const collections = textsOf(parsed['data-collections']);
        return { kind: 'stop-snapshot', collections: collections ?? [] };
      });
    case 'pause-snapshot':
    case 'resume-snapshot':
      return ifIncremental(parsed, () => ({ kind: type }));
    case 'log': {
      const message = parsed['message'];
      return typeof message === 'string' && message !== ''
        ? { kind: 'log', message }
        : { kind: 'invalid', reason: 'data has no text "message"' };
    }
    case 'set-binlog-position':
      return binlogPosition(parsed);
    default:
      return { kind: 'invalid', reason: `the type "${type}" is not known` };
  }
}

type Parsed = Readonly<Record<string, unknown>>;

function executeSnapshot(data: Parsed): SignalAction {
  const mode = textOf(data['type'], 'incremental').toLowerCase();
  if (mode !== 'incremental' && mode !== 'blocking')
    return { kind: 'invalid', reason: `"${mode}" is neither incremental nor blocking` };
  const collections = textsOf(data['data-collections']);
  if (collections === undefined || collections.length === 0)
    return { kind: 'invalid', reason: 'data has no list "data-collections"' };
  const wrong = collections.find((pattern) => !isRegex(pattern));
  if (wrong !== undefined)
    return { kind: 'invalid', reason: `"${wrong}" is no regular expression` };
  const conditions = conditionsOf(data);
  if (conditions === undefined)
    return {
      kind: 'invalid',
      reason:
        '"additional-conditions" is no list of objects with "data-collection" and "filter" in them',
    };
  const surrogateKey = textOf(data['surrogate-key'], '').trim();
  return {
    kind: 'execute-snapshot',
    mode,
    collections,
    conditions,
    surrogateKey: surrogateKey === '' ? null : surrogateKey,
  };
}

function conditionsOf(data: Parsed): readonly AdditionalCondition[] | undefined {
  // The key of older versions: one filter for all tables.
  const single = textOf(data['additional-condition'], '').trim();
  if (single !== '') return [{ collection: '.*', filter: single }];
  const list = data['additional-conditions'];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return undefined;
  const conditions: AdditionalCondition[] = [];
  for (const entry of list) {
    if (!isObject(entry)) return undefined;
    const { 'data-collection': collection, filter } = entry;
    if (typeof collection !== 'string' || typeof filter !== 'string' || !isRegex(collection))
      return undefined;
    conditions.push({ collection, filter });
  }
  return conditions;
}

function binlogPosition(data: Parsed): SignalAction {
  const { binlog_filename: file, binlog_position: position, gtid_set: gtidSet } = data;
  if (typeof gtidSet === 'string' && gtidSet !== '' && file === undefined)
    return { kind: 'set-binlog-position', position: { kind: 'gtid', gtidSet } };
  if (typeof file === 'string' && file !== '' && typeof position === 'number' && position >= 0)
    return { kind: 'set-binlog-position', position: { kind: 'file', file, position } };
  return {
    kind: 'invalid',
    reason: 'data has neither "gtid_set" nor "binlog_filename" with "binlog_position"',
  };
}

function ifIncremental(data: Parsed, action: () => SignalAction): SignalAction {
  const mode = textOf(data['type'], 'incremental').toLowerCase();
  return mode === 'incremental'
    ? action()
    : { kind: 'invalid', reason: `"${mode}" is not incremental` };
}

function parseObject(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // told to the sender by the reason
  }
}

function isObject(value: unknown): value is Parsed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? value.map((entry) => entry.trim())
    : undefined;
}

function isRegex(pattern: string): boolean {
  try {
    matchesAny([pattern]);
    return true;
  } catch {
    return false; // the answer
  }
}
