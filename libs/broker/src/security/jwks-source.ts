import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { fileURLToPath } from 'node:url';
import { describeError, type Clock, type Logger } from '@millrace/foundation';
import type { Disk } from '@millrace/log';
import { parseJwks, type JwksKey } from './oauth-token.ts';

/** INV-6: no key set is larger. */
const JWKS_BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 10_000;

export interface JwksOptions {
  readonly url: string;
  readonly refreshMs: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly disk: Disk;
}

/**
 * The keys that sign tokens. Asked for when they are needed and have become old, and when a token names a key that is
 * not among them (a new one is in use); the former stay when the answer is of no use. Not more often than the back-off
 * allows, so that made-up key ids do not become requests.
 */
export class JwksSource {
  readonly #options: JwksOptions;
  #keys: ReadonlyMap<string, JwksKey> = new Map();
  #loadedAtMs = -Infinity;
  #triedAtMs = -Infinity;
  #failures = 0;
  #loading: Promise<void> | undefined;

  constructor(options: JwksOptions) {
    this.#options = options;
  }

  /** The keys that may have signed a token with this id; without an id all of them. */
  async find(keyId: string | undefined): Promise<readonly JwksKey[]> {
    const nowMs = this.#options.clock.monotonicMs();
    const isOld = nowMs - this.#loadedAtMs >= this.#options.refreshMs;
    const isUnknown = keyId !== undefined && !this.#keys.has(keyId);
    if ((isOld || isUnknown) && nowMs - this.#triedAtMs >= this.#pauseMs()) {
      this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    }
    if (this.#loading !== undefined && (isOld || isUnknown)) await this.#loading;
    if (keyId === undefined) return [...this.#keys.values()];
    const found = this.#keys.get(keyId);
    return found === undefined ? [] : [found];
  }

  #pauseMs(): number {
    const { backoffMs, backoffMaxMs } = this.#options;
    return Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(this.#failures, 20));
  }

  async #load(): Promise<void> {
    const { url, clock, log } = this.#options;
    this.#triedAtMs = clock.monotonicMs();
    try {
      const keys = parseJwks(await this.#read());
      if ('problem' in keys) throw new Error(keys.problem);
      this.#keys = keys;
      this.#loadedAtMs = clock.monotonicMs();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      log.warn(
        { url: withoutSecrets(url), error: describeError(error) },
        'the keys that sign tokens could not be read; tokens of new keys are refused until they can',
      );
    }
  }

  async #read(): Promise<string> {
    const { url, disk } = this.#options;
    if (!url.startsWith('file:')) return readUrl(url);
    const bytes = await disk.readWhole(fileURLToPath(url));
    if (bytes === undefined) throw new Error('there is no such file');
    return Buffer.from(bytes).toString('utf8');
  }
}

function readUrl(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage): void => {
      if (answer.statusCode !== 200) {
        answer.resume();
        reject(new Error(`status ${answer.statusCode ?? 0}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > JWKS_BYTES_MAX) answer.destroy(new Error('more than 1 MiB of keys'));
        else chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    };
    const options = { headers: { accept: 'application/json' }, timeout: TIMEOUT_MS };
    const request = url.startsWith('https:')
      ? getHttps(url, options, onAnswer)
      : getHttp(url, options, onAnswer);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '');
}
