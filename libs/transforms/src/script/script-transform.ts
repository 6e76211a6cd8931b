import { readFile } from 'node:fs/promises';
import {
  atLeast,
  between,
  defineFields,
  oneOf,
  resolveConfig,
  type Resolved,
} from '@millrace/config';
import type { Transform, TransformPlugin } from '@millrace/connector-api';
import type { ConnectRecord, Header } from '@millrace/record';
import { badSettings, scriptFailed } from '../errors.ts';
import { withSubject } from '../subject.ts';
import { packText, unpack, type PackedText } from './crossing.ts';
import { ResultSchemas } from './result-schema.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const fields = defineFields({
  script: {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'The function itself: an expression such as (record) => record, or a module with a default export. It gets a record and returns it, a list of records, or null to drop it.',
  },
  'script.file': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'A file with the function, read when the task starts. A name that ends in .ts is TypeScript.',
  },
  'script.language': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    validate: oneOf('javascript', 'typescript'),
    doc: 'javascript or typescript; by default what the name of the file says, and of an inline script what it is.',
  },
  'script.timeout.ms': {
    type: 'INT',
    default: 1000,
    importance: 'MEDIUM',
    validate: between(1, 60_000),
    doc: 'How long the function may work on one record, in milliseconds.',
  },
  'script.memory.bytes.max': {
    type: 'INT',
    default: 64 * 1024 * 1024,
    importance: 'LOW',
    validate: atLeast(20 * 1024 * 1024),
    doc: 'How much memory the interpreter may use with all that the script holds, in bytes.',
  },
  'script.records.max': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    validate: between(1, 100_000),
    doc: 'How many records the function may make of one.',
  },
});

/**
 * A function in JavaScript or TypeScript that maps, drops, splits and routes records. It runs in a sandbox without any
 * I/O and with limits of time and memory; each task has its own, and what the script keeps in variables lasts as long.
 */
export const scriptTransform: TransformPlugin = {
  kind: 'transform',
  name: 'script',
  javaClasses: ['io.millrace.transforms.Script'],
  version: '0.1.0',
  fields,
  create: async (config) => {
    const settings = resolveConfig(fields, config, 'script transform configuration');
    const limits = {
      timeoutMs: settings['script.timeout.ms'],
      memoryBytes: settings['script.memory.bytes.max'],
      recordsMax: settings['script.records.max'],
    };
    const source = await sourceOf(settings);
    try {
      return new ScriptTransform(await openSandbox(source, limits));
    } catch (error) {
      const plain = await typesLeftOut(settings, source);
      if (plain === undefined) throw error;
      return new ScriptTransform(await openSandbox(plain, limits));
    }
  },
};

/** What is no JavaScript, and nobody said is any, may be TypeScript: undefined when it is not that either. */
async function typesLeftOut(
  settings: Resolved<typeof fields>,
  source: string,
): Promise<string | undefined> {
  if (settings['script.language'] !== null || settings.script === null) return undefined;
  const isExpression = !/^\s*export\s/m.test(source);
  const plain = await withoutTypes(isExpression ? `(${source}\n)` : source).catch(() => undefined);
  if (plain === undefined) return undefined;
  const bare = isExpression ? plain.slice(1, -2) : plain;
  return bare === source ? undefined : bare;
}

async function sourceOf(settings: Resolved<typeof fields>): Promise<string> {
  const { script, 'script.file': file, 'script.language': language } = settings;
  if ((script === null) === (file === null))
    throw badSettings('give the function either as script or as script.file');
  const source = script ?? (await readScript(file ?? ''));
  const isTypeScript =
    language === null ? /\.[cm]?ts$/.test(file ?? '') : language === 'typescript';
  return isTypeScript ? withoutTypes(source) : source;
}

/** Types give way to blanks, so that lines and columns stay. */
async function withoutTypes(source: string): Promise<string> {
  const { transformSync } = await import('@swc/wasm-typescript');
  try {
    return transformSync(source, { mode: 'strip-only' }).code;
  } catch {
    throw badSettings(
      'the script is no TypeScript whose types can be left out (enums and namespaces need a build)',
    );
  }
}

async function readScript(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
    throw badSettings(`script.file ${file} can't be read (${String(code)})`);
  }
}

class ScriptTransform implements Transform {
  readonly #sandbox: Sandbox;
  readonly #schemas = new ResultSchemas();
  #headersFrom: readonly Header[] | undefined;
  #headersText: PackedText = { text: '[]', isTagged: false };

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  apply<R extends ConnectRecord>(record: R): R | null {
    const all = this.split(record);
    if (all.length > 1) throw scriptFailed('it made several records where one is wanted');
    return all[0] ?? null;
  }

  split<R extends ConnectRecord>(record: R): readonly R[] {
    const key = packText(record.key);
    const value = packText(record.value);
    const headers = this.#packHeaders(record.headers);
    const answer: unknown = JSON.parse(
      this.#sandbox.call([
        record.topic,
        record.partition,
        record.timestampMs,
        'offset' in record && typeof record.offset === 'number' ? record.offset : undefined,
        key.text,
        key.isTagged,
        value.text,
        value.isTagged,
        headers.text,
        headers.isTagged,
      ]),
    );
    return Array.isArray(answer)
      ? answer.map((each) => this.#received(record, membersOf(each)))
      : [];
  }

  close(): void {
    this.#sandbox.close();
  }

  /** Sources give most of their records the very same headers. */
  #packHeaders(headers: readonly Header[]): PackedText {
    if (headers !== this.#headersFrom) {
      this.#headersText = packText(headers.map(({ key, value }) => ({ key, value })));
      this.#headersFrom = headers;
    }
    return this.#headersText;
  }

  #received<R extends ConnectRecord>(record: R, given: Readonly<Record<string, unknown>>): R {
    const { topic, timestamp } = given;
    // A record of the log keeps its place, a source's may leave it to the partitioner.
    const partition = given['partition'] ?? ('offset' in record ? record.partition : null);
    let received: R = { ...record, topic, partition, timestampMs: timestamp };
    if ('key' in given) {
      const fitted = this.#schemas.fit(record.keySchema, unpack(given['key']), 'record.key');
      received = withSubject(received, 'Key', fitted);
    }
    if ('value' in given) {
      const fitted = this.#schemas.fit(record.valueSchema, unpack(given['value']), 'record.value');
      received = withSubject(received, 'Value', fitted);
    }
    if (!('headers' in given)) return received;
    return { ...received, headers: this.#headers(record.headers, unpack(given['headers'])) };
  }

  /** A header of the same name keeps its schema where the value still fits it. */
  #headers(before: readonly Header[], given: unknown): readonly Header[] {
    if (!Array.isArray(given))
      throw scriptFailed('record.headers must be a list of { key, value }');
    return given.map((each: unknown) => {
      const { key, value = null } = membersOf(each);
      if (typeof key !== 'string')
        throw scriptFailed('record.headers must be a list of { key, value }');
      const schema = before.find((header) => header.key === key)?.schema ?? null;
      return { key, ...this.#schemas.fit(schema, value, `header ${key}`) };
    });
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
