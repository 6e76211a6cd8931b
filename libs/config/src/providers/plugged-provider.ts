import { MillraceError, type Clock } from '@millrace/foundation';
import type { ConfigProvider, ProvidedData } from './config-provider.ts';
import { badProvider } from './errors.ts';

export interface PluggedProviderOptions {
  /** As `config.providers` names it. */
  readonly name: string;
  readonly clock: Clock;
  /** How long one call may take. */
  readonly limitMs: number;
}

/** A provider of somebody else's: what it answers is looked at, and it is not waited for without end. */
export class PluggedConfigProvider implements ConfigProvider {
  readonly #provider: ConfigProvider;
  readonly #options: PluggedProviderOptions;

  constructor(provider: ConfigProvider, options: PluggedProviderOptions) {
    this.#provider = provider;
    this.#options = options;
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ProvidedData> {
    const { name } = this.#options;
    let answer: unknown;
    try {
      answer = await this.#limited(async () => this.#provider.get(path, keys));
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw providerFailed(name, error instanceof Error ? error.message : String(error), error);
    }
    return this.#checked(answer);
  }

  async close(): Promise<void> {
    await this.#limited(async () => this.#provider.close?.()).catch(() => undefined);
  }

  async #limited<T>(call: () => Promise<T>): Promise<T> {
    const { name, clock, limitMs } = this.#options;
    const done = new AbortController();
    const late = clock.sleep(limitMs, done.signal).then(() => {
      throw providerFailed(name, `it did not answer within ${limitMs} ms`);
    });
    late.catch(() => undefined); // told through the race
    try {
      return await Promise.race([call(), late]);
    } finally {
      done.abort();
    }
  }

  #checked(answer: unknown): ProvidedData {
    const { name } = this.#options;
    const values: unknown =
      typeof answer === 'object' && answer !== null && 'values' in answer
        ? answer.values
        : undefined;
    const entries: readonly (readonly unknown[])[] =
      values instanceof Map
        ? [...values.entries()]
        : typeof values === 'object' && values !== null
          ? Object.entries(values)
          : [['', undefined]];
    const texts = entries.filter((entry): entry is readonly [string, string] =>
      entry.every((part) => typeof part === 'string'),
    );
    // INV-8: nothing is guessed, and nothing that may be a secret is shown.
    if (texts.length < entries.length)
      throw badProvider(
        `config provider "${name}" did not answer { values } with texts by key: see ConfigProvider of @millrace/connector-api`,
      );
    const ttlMs: unknown =
      typeof answer === 'object' && answer !== null && 'ttlMs' in answer ? answer.ttlMs : undefined;
    const isTtl = typeof ttlMs === 'number' && ttlMs >= 0;
    return { values: new Map(texts), ...(isTtl ? { ttlMs } : {}) };
  }
}

function providerFailed(name: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'config.provider_failed',
    retry: 'retriable',
    message: `config provider "${name}" failed: ${reason}`,
    hint: 'see whether what it asks can be reached, and its config.providers.<name>.param.* settings',
    cause,
  });
}
