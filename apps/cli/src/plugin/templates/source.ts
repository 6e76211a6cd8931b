import { developing, json } from './package-files.ts';
import { API, CONTRACT, type TemplateFile, type TemplateOptions } from './template.ts';

/** A source that asks a web service for what is new. */
export function sourceFiles(options: TemplateOptions): readonly TemplateFile[] {
  const { name } = options;
  return [
    [
      'src/source.ts',
      `import {
  defineFields,
  defineSource,
  fatalError,
  resolveConfig,
  retriableError,
  sourceRecord,
  type Resolved,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from '${API}';

const fields = defineFields({
  url: {
    type: 'STRING',
    importance: 'HIGH',
    doc: 'Answers ?after=N with a list of documents whose "id" is beyond N, in order.',
  },
  topic: { type: 'STRING', importance: 'HIGH', doc: 'Where the documents go.' },
  token: { type: 'PASSWORD', default: '', doc: 'Sent as bearer token.' },
  'poll.interval.ms': { type: 'INT', default: 1000, doc: 'How long to wait when nothing is new.' },
});

interface Document {
  readonly id: number;
}

class ${name.type}Task implements SourceTask {
  #context!: SourceTaskContext;
  #settings!: Resolved<typeof fields>;
  /** The last document that was returned. */
  #after = 0;

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    this.#settings = resolveConfig(fields, context.config);
    // What was durable when the last task ended: go on behind it.
    this.#after = Number(context.offsets.find({ url: this.#settings.url })?.['id'] ?? 0);
  }

  /** The next records, or none after a while. Called again only when there is room for more. */
  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { url, topic, 'poll.interval.ms': waitMs } = this.#settings;
    const documents = await this.#ask(signal);
    if (documents.length === 0) await this.#context.clock.sleep(waitMs, signal);
    this.#after = documents.at(-1)?.id ?? this.#after;
    return documents.map((value) =>
      sourceRecord({
        topic,
        key: String(value.id),
        value,
        sourcePartition: { url },
        sourceOffset: { id: value.id },
      }),
    );
  }

  /** Nothing is held open here. A task with a connection closes it, whatever happened before. */
  async stop(): Promise<void> {}

  async #ask(signal: AbortSignal): Promise<readonly Document[]> {
    const { url, token } = this.#settings;
    try {
      const headers = { authorization: \`Bearer \${token}\` };
      const response = await fetch(\`\${url}?after=\${this.#after}\`, { headers, signal });
      if (response.status >= 500) throw new Error(\`it answers \${response.status}\`);
      if (!response.ok)
        throw fatalError('${name.plugin}.refused', \`"\${url}" answers \${response.status}\`, {
          hint: 'check url and token',
        });
      return (await response.json()) as readonly Document[];
    } catch (cause) {
      signal.throwIfAborted(); // asked to stop, and no error
      if (cause instanceof Error && 'code' in cause && cause.code === '${name.plugin}.refused') throw cause;
      throw retriableError('${name.plugin}.unreachable', \`"\${url}" does not answer\`, cause);
    }
  }
}

export const ${name.identifier} = defineSource({
  name: '${name.plugin}',
  fields,
  createTask: () => new ${name.type}Task(),
  exactlyOnceSupport: () => 'supported',
});
`,
    ],
    [
      'test/world.ts',
      `import { createServer, type Server } from 'node:http';
import type { SourceRecord } from '${API}';
import type { SourceWorld } from '${CONTRACT}';

/** A web service with documents, which can hang and cut connections. */
export class World implements SourceWorld {
  readonly #server: Server;
  readonly #documents: { readonly id: number }[] = [];
  #isHanging = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<World> {
    const server = createServer((request, response) => {
      if (world.#isHanging) return;
      const after = Number(new URL(request.url ?? '', 'http://world').searchParams.get('after'));
      const body = JSON.stringify(world.#documents.filter(({ id }) => id > after));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    const world = new World(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  get config(): Record<string, string> {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { url: \`http://127.0.0.1:\${port}\`, topic: 'documents', 'poll.interval.ms': '20' };
  }

  async produce(count: number): Promise<readonly string[]> {
    const first = this.#documents.length + 1;
    const made = Array.from({ length: count }, (_, index) => ({ id: first + index }));
    this.#documents.push(...made);
    return made.map(({ id }) => String(id));
  }

  identify(record: SourceRecord): string {
    return String(record.key);
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
import { sourceContract } from '${CONTRACT}';
import { ${name.identifier} } from '../src/index.js';
import { World } from './world.js';

for (const { name, run } of sourceContract({ connector: ${name.identifier}, open: World.open }))
  test(name, run);
`,
    ],
    [
      'example/connector.json',
      example(options, { url: 'http://127.0.0.1:8080/documents', topic: 'documents' }),
    ],
    [
      'README.md',
      `# ${name.package}

A source for Millrace. It asks a web service for the documents that are new, and goes on where it stopped.

| key                | default  |                                                                    |
| ------------------ | -------- | ------------------------------------------------------------------ |
| \`url\`              | required | answers \`?after=N\` with the documents whose \`id\` is beyond N     |
| \`topic\`            | required | where the documents go                                             |
| \`token\`            |          | sent as bearer token; never shown                                  |
| \`poll.interval.ms\` | 1000     | how long to wait when nothing is new                               |

${developing(options)}`,
    ],
  ];
}

/** A connector file that uses the plugin. */
export function example(
  { name }: TemplateOptions,
  config: Readonly<Record<string, string>>,
): string {
  return json({
    name: name.plugin,
    config: { 'connector.class': name.plugin, 'tasks.max': '1', ...config },
  });
}
