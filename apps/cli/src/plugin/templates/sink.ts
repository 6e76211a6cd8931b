import { developing } from './package-files.ts';
import { example } from './source.ts';
import { API, CONTRACT, type TemplateFile, type TemplateOptions } from './template.ts';

/** A sink that posts batches to a web service. */
export function sinkFiles(options: TemplateOptions): readonly TemplateFile[] {
  const { name } = options;
  return [
    [
      'src/sink.ts',
      `import {
  defineFields,
  defineSink,
  fatalError,
  jsonText,
  resolveConfig,
  retriableError,
  type RecordFailure,
  type Resolved,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
} from '${API}';

const fields = defineFields({
  url: { type: 'STRING', importance: 'HIGH', doc: 'Takes a list of documents by POST.' },
  token: { type: 'PASSWORD', default: '', doc: 'Sent as bearer token.' },
});

class ${name.type}Task implements SinkTask {
  #settings!: Resolved<typeof fields>;

  async start(context: SinkTaskContext): Promise<void> {
    this.#settings = resolveConfig(fields, context.config);
  }

  /**
   * Delivers a batch, and names the records that are bad in themselves. Without a \`flush\` all else is delivered when
   * this resolves; after a crash records may come again, so each says where it is from.
   */
  async put(records: readonly SinkRecord[], signal: AbortSignal): Promise<readonly RecordFailure[]> {
    const failures: RecordFailure[] = [];
    const documents: string[] = [];
    for (const [index, { topic, partition, offset, valueSchema, value }] of records.entries())
      try {
        const from = \`\${topic}-\${partition}@\${offset}\`;
        documents.push(\`{"from":"\${from}","value":\${jsonText(valueSchema, value)}}\`);
      } catch (cause) {
        const error = fatalError('${name.plugin}.not_json', 'the value has no form in JSON', { cause });
        failures.push({ index, error });
      }
    if (documents.length > 0) await this.#post(\`[\${documents.join(',')}]\`, signal);
    return failures;
  }

  /** Nothing is held open here. A task with a connection closes it, whatever happened before. */
  async stop(): Promise<void> {}

  async #post(body: string, signal: AbortSignal): Promise<void> {
    const { url, token } = this.#settings;
    const headers = { authorization: \`Bearer \${token}\`, 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal }).catch(
      (cause: unknown) => {
        signal.throwIfAborted(); // asked to stop, and no error
        throw retriableError('${name.plugin}.unreachable', \`"\${url}" does not answer\`, cause);
      },
    );
    if (response.status >= 500)
      throw retriableError('${name.plugin}.unavailable', \`"\${url}" answers \${response.status}\`);
    if (!response.ok)
      throw fatalError('${name.plugin}.refused', \`"\${url}" answers \${response.status}\`, {
        hint: 'check url and token',
      });
  }
}

export const ${name.identifier} = defineSink({
  name: '${name.plugin}',
  fields,
  createTask: () => new ${name.type}Task(),
});
`,
    ],
    [
      'test/world.ts',
      `import { createServer, type Server } from 'node:http';
import type { SinkRecord } from '${API}';
import type { SinkWorld } from '${CONTRACT}';

/** A web service that takes documents, and can hang and cut connections. */
export class World implements SinkWorld {
  readonly #server: Server;
  readonly #numbers: number[] = [];
  #isHanging = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<World> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (world.#isHanging) return;
        const documents = JSON.parse(body) as { value: { number?: number } | null }[];
        world.#numbers.push(...documents.map(({ value }) => value?.number ?? 0));
        response.writeHead(200).end();
      });
    });
    const world = new World(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  get config(): Record<string, string> {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { url: \`http://127.0.0.1:\${port}\` };
  }

  record(number: number): Partial<SinkRecord> {
    return { value: { number } };
  }

  poison(): Partial<SinkRecord> {
    return { value: new Date(0) }; // without a schema a date has no form in JSON
  }

  async delivered(): Promise<readonly number[]> {
    return [...this.#numbers];
  }

  async hang(): Promise<void> {
    this.#isHanging = true;
  }

  async interrupt(): Promise<void> {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
`,
    ],
    [
      'test/contract.test.ts',
      `import { test } from 'node:test';
import { sinkContract } from '${CONTRACT}';
import { ${name.identifier} } from '../src/index.js';
import { World } from './world.js';

for (const { name, run } of sinkContract({ connector: ${name.identifier}, open: World.open }))
  test(name, run);
`,
    ],
    [
      'example/connector.json',
      example(options, { topics: 'documents', url: 'http://127.0.0.1:8080/documents' }),
    ],
    [
      'README.md',
      `# ${name.package}

A sink for Millrace. It posts batches of records to a web service, at least once; each document says where it is from.

| key     | default  |                                      |
| ------- | -------- | ------------------------------------ |
| \`url\`   | required | takes a list of documents by POST    |
| \`token\` |          | sent as bearer token; never shown    |

${developing(options)}`,
    ],
  ];
}
