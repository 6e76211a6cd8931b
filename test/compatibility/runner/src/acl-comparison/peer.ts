import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { TcpTransport, type Connection } from '@millrace/kafka-client';
import { apis, type Api } from '@millrace/kafka-protocol';

/** The coordinator is not there yet, or something else is under way: asked again. */
const PASSING_CODES: ReadonlySet<number> = new Set([5, 6, 9, 14, 15, 16, 41, 51]);
const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

/** A broker as one principal sees it. */
export class Peer {
  readonly connection: Connection;
  readonly #topicIds: ReadonlyMap<string, string>;

  private constructor(connection: Connection, topicIds: ReadonlyMap<string, string>) {
    this.connection = connection;
    this.#topicIds = topicIds;
  }

  /** Its name is its password. Without one the listener asks nobody. */
  static async connect(
    port: number,
    principal?: string,
    topicIds: ReadonlyMap<string, string> = new Map(),
  ): Promise<Peer> {
    const transport = new TcpTransport({
      ...{ clientId: 'acl-comparison', clock: systemClock, random: systemRandom },
      log: silentLogger,
      ...(principal === undefined
        ? {}
        : { sasl: { mechanism: 'PLAIN', username: principal, password: principal } }),
    });
    const address = { host: '127.0.0.1', port };
    return new Peer(await transport.connect(address, new AbortController().signal), topicIds);
  }

  topicId(name: string): string {
    return this.#topicIds.get(name) ?? '';
  }

  /** Asks again as long as the answer speaks of a state that passes. */
  async ask<Req, Res, ReqInput, ResInput>(
    api: Api<Req, Res, ReqInput, ResInput>,
    request: NoInfer<ReqInput>,
    version: number,
  ): Promise<Res> {
    const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS;
    // The connection takes complete requests; the codec fills in what is left out.
    const plain = api as unknown as Api<Req, Res>;
    for (;;) {
      const answer = await this.connection.send(plain, version, api.completeRequest(request));
      const isPassing = errorCodesOf(answer).some((code) => PASSING_CODES.has(code));
      if (!isPassing || systemClock.monotonicMs() > deadlineMs) return answer;
      await systemClock.sleep(PAUSE_MS);
    }
  }

  newest<Req, Res, ReqInput, ResInput>(api: Api<Req, Res, ReqInput, ResInput>): number {
    return Math.min(api.maxVersion, this.connection.versions.get(api.key)?.max ?? api.maxVersion);
  }
}

/** The newest version of each API that both serve, and we speak. */
export function commonVersions(left: Peer, right: Peer): ReadonlyMap<number, number> {
  return new Map(
    Object.values(apis).map(({ key, maxVersion }) => {
      const ranges = [left, right].map(({ connection }) => connection.versions.get(key)?.max ?? 0);
      return [key, Math.min(maxVersion, ...ranges)];
    }),
  );
}

function errorCodesOf(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(errorCodesOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key.toLowerCase().endsWith('errorcode') && typeof member === 'number'
      ? [member]
      : errorCodesOf(member),
  );
}
