import { retry, type Clock, type Random } from '@millrace/foundation';
import { BoundedCache } from './bounded-cache.ts';
import { registryNonsense, registryRefused, registryUnavailable } from './errors.ts';
import type {
  RegisteredSchema,
  ResolvedSchema,
  SchemaReference,
  SchemaText,
  SchemaType,
} from './schema-text.ts';
import type { RegistryRequest, RegistryResponse, RegistryTransport } from './transport.ts';

export interface RegistryClientOptions {
  readonly transport: RegistryTransport;
  /** Asked in this order, beginning with the one that answered last. */
  readonly urls: readonly URL[];
  /** Credentials and the like; never shown. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTimeoutMs: number;
  readonly retriesMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
  /** Schemas kept by id, by subject and by version. */
  readonly cacheEntriesMax: number;
  readonly clock: Clock;
  readonly random: Random;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const ACCEPT =
  'application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json; q=0.9, application/json; q=0.8';
/** INV-6: imports of imports; a registry that names more of them is broken or hostile. */
const IMPORTS_MAX = 1000;
/** Answers that another registry, or the same one later, may give otherwise. */
const RETRIABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

type Answer = Readonly<Record<string, unknown>>;

/** Asks a schema registry; every answer that can't change is kept. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #byId: BoundedCache<RegisteredSchema>;
  readonly #byVersion: BoundedCache<RegisteredSchema>;
  readonly #ids: BoundedCache<RegisteredSchema>;
  #lastGood = 0;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#byId = new BoundedCache(options.cacheEntriesMax);
    this.#byVersion = new BoundedCache(options.cacheEntriesMax);
    this.#ids = new BoundedCache(options.cacheEntriesMax);
  }

  /** Idempotent: the registry gives the same schema of a subject the same id. */
  register(subject: string, text: SchemaText, normalize: boolean): Promise<RegisteredSchema> {
    const key = `register\n${keyOf(subject, text, normalize)}`;
    return this.#ids.get(key, async () => {
      const answer = await this.#ask(
        `register a schema under subject "${subject}"`,
        'POST',
        `/subjects/${encodeURIComponent(subject)}/versions${normalize ? '?normalize=true' : ''}`,
        bodyOf(text),
      );
      return registered(answer, text);
    });
  }

  /** The id and version that a schema has in a subject. */
  lookUp(
    subject: string,
    text: SchemaText,
    options: { readonly normalize?: boolean; readonly includeDeleted?: boolean } = {},
  ): Promise<RegisteredSchema> {
    const { normalize = false, includeDeleted = false } = options;
    const key = `lookup\n${includeDeleted}\n${keyOf(subject, text, normalize)}`;
    const query = new URLSearchParams();
    if (normalize) query.set('normalize', 'true');
    if (includeDeleted) query.set('deleted', 'true');
    return this.#ids.get(key, async () => {
      const answer = await this.#ask(
        `find a schema of subject "${subject}"`,
        'POST',
        `/subjects/${encodeURIComponent(subject)}${query.size > 0 ? `?${query.toString()}` : ''}`,
        bodyOf(text),
      );
      return registered(answer, text);
    });
  }

  /** Not kept here: how long "latest" holds is the caller's decision. */
  async latest(subject: string): Promise<RegisteredSchema> {
    const what = `give the latest version of subject "${subject}"`;
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    return this.#resolved(await this.#ask(what, 'GET', path), what);
  }

  byId(id: number, subject?: string): Promise<RegisteredSchema> {
    const context = subject === undefined ? '' : `&subject=${encodeURIComponent(subject)}`;
    return this.#byId.get(`${id}\n${subject ?? ''}`, async () => {
      const what = `give the schema with id ${id}`;
      const path = `/schemas/ids/${id}?fetchMaxId=false${context}`;
      return this.#resolved({ ...(await this.#ask(what, 'GET', path)), id }, what);
    });
  }

  byGuid(guid: string): Promise<RegisteredSchema> {
    return this.#byId.get(`guid\n${guid}`, async () => {
      const what = `give the schema with guid ${guid}`;
      const answer = await this.#ask(what, 'GET', `/schemas/guids/${encodeURIComponent(guid)}`);
      // A schema that is known by its guid has one id in each context, which the answer does not name.
      return this.#resolved({ id: -1, ...answer, guid }, what);
    });
  }

  version(subject: string, version: number): Promise<RegisteredSchema> {
    return this.#byVersion.get(`${version}\n${subject}`, async () => {
      const what = `give version ${version} of subject "${subject}"`;
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
      return this.#resolved(await this.#ask(what, 'GET', path), what);
    });
  }

  /** With the texts of its imports, and of theirs. */
  async resolve(text: SchemaText): Promise<ResolvedSchema> {
    const imports = new Map<string, string>();
    const open = [...text.references];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (imports.has(next.name)) continue;
      if (imports.size >= IMPORTS_MAX) throw registryNonsense('give the imports of a schema');
      const what = `give version ${next.version} of subject "${next.subject}"`;
      const path = `/subjects/${encodeURIComponent(next.subject)}/versions/${next.version}?deleted=true`;
      const imported = textOf(await this.#ask(what, 'GET', path), what);
      imports.set(next.name, imported.schema);
      open.push(...imported.references);
    }
    return { ...text, imports };
  }

  async #resolved(answer: Answer, what: string): Promise<RegisteredSchema> {
    const text = textOf(answer, what);
    const resolved =
      text.references.length === 0 ? { ...text, imports: new Map() } : await this.resolve(text);
    return { ...resolved, ...identityOf(answer, what) };
  }

  /** Every url once, and again after a pause, as long as trying again may help. */
  async #ask(
    what: string,
    method: RegistryRequest['method'],
    path: string,
    body?: string,
  ): Promise<Answer> {
    const { retryDelayMs, retryDelayMaxMs, retriesMax, clock, random } = this.#options;
    const policy = {
      initialDelayMs: retryDelayMs,
      delayMaxMs: retryDelayMaxMs,
      deadlineMs: Infinity,
      attemptsMax: retriesMax + 1,
    };
    const never = new AbortController().signal; // Bounded by attempts and the time-out of each.
    const response = await retry(policy, { clock, random, signal: never }, () =>
      this.#askAny(what, method, path, body),
    );
    return parsedAnswer(response, what);
  }

  async #askAny(
    what: string,
    method: RegistryRequest['method'],
    path: string,
    body: string | undefined,
  ): Promise<RegistryResponse> {
    const { urls, headers } = this.#options;
    let failure: unknown;
    for (let turn = 0; turn < urls.length; turn++) {
      const index = (this.#lastGood + turn) % urls.length;
      const base = urls[index];
      if (base === undefined) continue;
      const url = new URL(base.href.replace(/\/+$/, '') + path);
      const request: RegistryRequest = {
        method,
        url,
        headers: {
          ...headers,
          accept: ACCEPT,
          ...(body === undefined ? {} : { 'content-type': CONTENT_TYPE }),
        },
        ...(body === undefined ? {} : { body }),
      };
      try {
        const response = await this.#sendInTime(request);
        if (!RETRIABLE_STATUSES.has(response.status)) {
          this.#lastGood = index;
          return response;
        }
        const { errorCode, message } = refusalOf(response);
        failure = registryUnavailable(what, `${url.host} answered ${errorCode}: ${message}`);
      } catch (error) {
        const reason = error instanceof Error ? reasonOf(error) : String(error);
        failure = registryUnavailable(what, `${url.host}: ${reason}`, error);
      }
    }
    throw failure;
  }

  /** A registry that hangs counts as one that is away; a late answer is nobody's. */
  async #sendInTime(request: RegistryRequest): Promise<RegistryResponse> {
    const { transport, clock, requestTimeoutMs } = this.#options;
    const call = new AbortController();
    const timer = new AbortController();
    const limit = clock.sleep(requestTimeoutMs, timer.signal).then(
      () => {
        call.abort();
        throw new Error(`no answer within ${requestTimeoutMs} ms`);
      },
      () => new Promise<never>(() => undefined), // The answer came first.
    );
    try {
      return await Promise.race([transport.send(request, call.signal), limit]);
    } finally {
      timer.abort();
    }
  }
}

function keyOf(subject: string, text: SchemaText, normalize: boolean): string {
  return JSON.stringify([subject, normalize, text.schemaType, text.schema, text.references]);
}

function bodyOf({ schemaType, schema, references }: SchemaText): string {
  return JSON.stringify({
    schema,
    // Registries before 5.5 know nothing but Avro, and refuse unknown keys.
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
  });
}

function registered(answer: Answer, text: SchemaText): RegisteredSchema {
  return { ...text, imports: new Map(), ...identityOf(answer, 'find a schema') };
}

function identityOf(
  answer: Answer,
  what: string,
): Pick<RegisteredSchema, 'id' | 'version' | 'guid'> {
  const { id, version, guid } = answer;
  if (typeof id !== 'number') throw registryNonsense(what);
  return {
    id,
    version: typeof version === 'number' ? version : undefined,
    guid: typeof guid === 'string' ? guid : undefined,
  };
}

function textOf(answer: Answer, what: string): SchemaText {
  const { schema, schemaType = 'AVRO', references = [] } = answer;
  if (typeof schema !== 'string' || !isSchemaType(schemaType) || !Array.isArray(references))
    throw registryNonsense(what);
  return { schema, schemaType, references: references.map((each) => referenceOf(each, what)) };
}

function referenceOf(node: unknown, what: string): SchemaReference {
  if (!isAnswer(node)) throw registryNonsense(what);
  const { name, subject, version } = node;
  if (typeof name !== 'string' || typeof subject !== 'string' || typeof version !== 'number')
    throw registryNonsense(what);
  return { name, subject, version };
}

function isSchemaType(value: unknown): value is SchemaType {
  return value === 'AVRO' || value === 'PROTOBUF' || value === 'JSON';
}

function parsedAnswer(response: RegistryResponse, what: string): Answer {
  if (response.status < 200 || response.status > 299)
    throw registryRefused(what, { status: response.status, ...refusalOf(response) });
  const answer = parsedJson(response.body);
  if (!isAnswer(answer)) throw registryNonsense(what);
  return answer;
}

function refusalOf(response: RegistryResponse): { errorCode: number; message: string } {
  const node = parsedJson(response.body);
  const { error_code: errorCode, message } = isAnswer(node) ? node : {};
  return {
    errorCode: typeof errorCode === 'number' ? errorCode : response.status,
    message: typeof message === 'string' ? message.slice(0, 2000) : `HTTP ${response.status}`,
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Pages of proxies and the like; the status says enough.
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An AggregateError (one host, several addresses) has no message of its own. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((each) => (each instanceof Error ? each.message : '')).join(', ');
  return error.message;
}
