import type {
  RegistryRequest,
  RegistryResponse,
  RegistryTransport,
} from '@millrace/schema-registry';

interface Registered {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
  readonly schemaType: string;
  readonly references: readonly unknown[];
}

/** Enough of a registry for converters: subjects, versions, ids. Takes faults. */
export class TinyRegistry implements RegistryTransport {
  readonly requests: string[] = [];
  readonly schemas: Registered[] = [];
  /** Called before each answer; what it returns or throws is the answer. */
  fault: ((request: RegistryRequest) => RegistryResponse | undefined) | undefined;

  send(request: RegistryRequest): Promise<RegistryResponse> {
    this.requests.push(`${request.method} ${request.url.pathname}`);
    try {
      return Promise.resolve(this.fault?.(request) ?? this.#answer(request));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  add(
    subject: string,
    schema: string,
    schemaType = 'AVRO',
    references: readonly unknown[] = [],
  ): Registered {
    const known = this.schemas.find((each) => each.subject === subject && each.schema === schema);
    if (known !== undefined) return known;
    const same = this.schemas.find((each) => each.schema === schema);
    const registered = {
      subject,
      version: this.schemas.filter((each) => each.subject === subject).length + 1,
      id: same?.id ?? this.schemas.length + 1,
      schema,
      schemaType,
      references,
    };
    this.schemas.push(registered);
    return registered;
  }

  #answer({ method, url, body }: RegistryRequest): RegistryResponse {
    const path = decodeURIComponent(url.pathname);
    const sent = JSON.parse(body ?? '{}') as Partial<Registered>;
    const { schema = '', schemaType = 'AVRO', references = [] } = sent;
    const post = /^\/subjects\/(.+?)(\/versions)?$/.exec(path);
    if (method === 'POST' && post !== null) {
      const [, subject = '', versions] = post;
      if (versions !== undefined)
        return ok({ id: this.add(subject, schema, schemaType, references).id });
      const found = this.schemas.find((each) => each.subject === subject && each.schema === schema);
      return found === undefined ? refused(404, 40403, 'Schema not found') : ok(found);
    }
    const version = /^\/subjects\/(.+)\/versions\/(\w+)$/.exec(path);
    if (version !== null) {
      const ofSubject = this.schemas.filter((each) => each.subject === version[1]);
      const found =
        version[2] === 'latest'
          ? ofSubject.at(-1)
          : ofSubject.find((each) => String(each.version) === version[2]);
      return found === undefined ? refused(404, 40401, 'Subject not found.') : ok(found);
    }
    const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1];
    const found = this.schemas.find((each) => String(each.id) === id);
    if (found === undefined) return refused(404, 40403, `Schema ${id ?? ''} not found`);
    return ok({
      schema: found.schema,
      schemaType: found.schemaType,
      references: found.references,
    });
  }
}

function ok(body: unknown): RegistryResponse {
  return { status: 200, body: JSON.stringify(body) };
}

export function refused(status: number, errorCode: number, message: string): RegistryResponse {
  return { status, body: JSON.stringify({ error_code: errorCode, message }) };
}
