/** What a provider knows of one path. */
export interface ProvidedData {
  readonly values: ReadonlyMap<string, string>;
  /** Until when the values may be believed, in ms from now; undefined: for ever. */
  readonly ttlMs?: number | undefined;
}

/** Where the values of `${provider:path:key}` come from (KIP-297). */
export interface ConfigProvider {
  /** The values of these keys, as far as there are any. @throws MillraceError when the path can't be read */
  get(path: string, keys: ReadonlySet<string>): Promise<ProvidedData>;
  /** The worker ends. */
  close?(): Promise<void> | void;
}
