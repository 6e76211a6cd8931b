export interface KeyChange {
  readonly key: string;
  /** Absent: the key is added. */
  readonly before?: string;
  /** Absent: the key is removed. */
  readonly after?: string;
}

type Config = Readonly<Record<string, string>>;

/** By key. Placeholders are compared as they are written: the worker stores them so. */
export function changedKeys(before: Config, after: Config): readonly KeyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): KeyChange[] => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const wanted = Object.hasOwn(after, key) ? after[key] : undefined;
    if (old === wanted) return [];
    return [
      {
        key,
        ...(old === undefined ? {} : { before: old }),
        ...(wanted === undefined ? {} : { after: wanted }),
      },
    ];
  });
}
