/**
 * How far a snapshot came, in its offsets: tables that are done, and of those in work the key of the last row of the
 * last whole chunk. Rows behind that come again after a restart. As JSON: `{"done":["a.t"],"at":{"a.u":["17"]}}`.
 */
export interface Progress {
  readonly done: ReadonlySet<string>;
  /** Keys as SQL literals, by table. */
  readonly at: ReadonlyMap<string, readonly string[]>;
}

export const NO_PROGRESS: Progress = { done: new Set(), at: new Map() };

export function encodeProgress(progress: Progress): string {
  return JSON.stringify({ done: [...progress.done], at: Object.fromEntries(progress.at) });
}

/** Undefined when it is not of this form: then the snapshot begins anew. */
export function decodeProgress(text: string): Progress | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const done: unknown = Reflect.get(value, 'done');
    const at: unknown = Reflect.get(value, 'at');
    if (!isTexts(done) || typeof at !== 'object' || at === null) return undefined;
    const keys = new Map<string, readonly string[]>();
    for (const [table, key] of Object.entries(at)) {
      // Literals go into statements: nothing else may come in by an offset that somebody wrote.
      if (!isTexts(key) || !key.every(isLiteral)) return undefined;
      keys.set(table, key);
    }
    return { done: new Set(done), at: keys };
  } catch {
    return undefined; // not JSON
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isLiteral(text: string): boolean {
  return /^(?:-?\d+(?:\.\d+)?|x'[0-9a-f]*'|'(?:[^'\\]|''|\\\\)*')$/i.test(text);
}
