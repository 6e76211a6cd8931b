import type {
  ComponentConfig,
  Converter,
  ConverterPlugin,
  TransformPlugin,
} from '@millrace/connector-api';
import { isRetriable, MillraceError } from '@millrace/foundation';
import {
  schemas,
  valuesEqual,
  type ConnectRecord,
  type SinkRecord,
  type SourceRecord,
} from '@millrace/record';
import { pluginCases } from './config-cases.ts';
import { type ContractCase, ContractViolation, expectEqual, expectThat } from './contract-case.ts';
import { frozen, plainText, recordText } from './record-text.ts';
import { SAMPLES, sinkRecord, type Sample } from './samples.ts';

export interface TransformSubject {
  readonly plugin: TransformPlugin;
  readonly config: ComponentConfig;
  /** Records of its own beside those of every type; such that it changes, drops or splits at least one. */
  readonly records?: readonly Partial<ConnectRecord>[];
}

/** What 'a transform' means. */
export function transformContract(subject: TransformSubject): readonly ContractCase[] {
  const { plugin, config } = subject;
  const records = [
    ...SAMPLES.flatMap(({ schema, value }) => [
      sinkRecord({ valueSchema: schema, value }),
      sinkRecord({ keySchema: schema, key: value, valueSchema: schemas.string(), value: 'value' }),
    ]),
    sinkRecord({}),
    ...(subject.records ?? []).map((record) =>
      sinkRecord({ ...record, partition: record.partition ?? 0 }),
    ),
  ];
  return [
    ...pluginCases(plugin, (use) => use(config)),
    {
      name: 'values: of any type, with and without schema and as null, they pass or are refused as what they are',
      run: () =>
        withTransform(subject, (apply) => {
          for (const record of records) outcomeOf(() => apply(record));
        }),
    },
    {
      name: 'records: those that are given are not changed',
      run: () =>
        withTransform(subject, (apply) => {
          for (const record of records) {
            const before = recordText(record);
            outcomeOf(() => apply(frozen(record)));
            expectEqual([recordText(record)], [before], 'a record that was given');
          }
        }),
    },
    {
      name: 'purity: the same record gives the same, again and in another instance',
      run: async () => {
        const outcomes: (readonly string[])[] = [];
        for (let instance = 0; instance < 2; instance++)
          await withTransform(subject, (apply) => {
            for (let round = 0; round < 2; round++)
              outcomes.push(records.map((record) => outcomeOf(() => apply(record))));
          });
        for (const outcome of outcomes.slice(1))
          expectEqual(outcome, outcomes[0] ?? [], 'what came of the same records');
      },
    },
    {
      name: 'records: where they came from stays as it is, and a changed one loses its ready-made JSON',
      run: () =>
        withTransform(subject, (apply) => {
          for (const record of records) {
            const json = { key: new Uint8Array([110]), value: new Uint8Array([110]) };
            const source: SourceRecord = {
              ...record,
              sourcePartition: { a: 1 },
              sourceOffset: { b: 2 },
              json,
            };
            for (const made of resultsOf(() => apply(source))) {
              const isKept =
                made.sourcePartition === source.sourcePartition &&
                made.sourceOffset === source.sourceOffset;
              expectThat(isKept, 'the source offset of a record is lost or changed');
              const isStale =
                (made.json?.value !== undefined && made.value !== source.value) ||
                (made.json?.key !== undefined && made.key !== source.key);
              expectThat(
                !isStale,
                'key or value is changed, and the ready-made JSON of the old one is kept',
              );
            }
            for (const made of resultsOf(() => apply<SinkRecord>(record)))
              expectThat(
                made.originalTopic === record.originalTopic &&
                  made.originalPartition === record.originalPartition &&
                  made.originalOffset === record.originalOffset &&
                  made.offset === record.offset,
                'the coordinates of a record are lost or changed',
              );
          }
        }),
    },
    {
      name: 'close: it is harmless twice',
      run: async () => {
        const transform = await plugin.create(config);
        transform.close?.();
        transform.close?.();
      },
    },
  ];
}

type Apply = <R extends ConnectRecord>(record: R) => readonly R[];

async function withTransform(
  { plugin, config }: TransformSubject,
  use: (apply: Apply) => void,
): Promise<void> {
  const transform = await plugin.create(config);
  try {
    use((record) => {
      if (transform.split !== undefined) return transform.split(record);
      const made = transform.apply(record);
      return made === null ? [] : [made];
    });
  } finally {
    transform.close?.();
  }
}

/** What came of a record, as text. */
function outcomeOf(call: () => readonly ConnectRecord[]): string {
  try {
    return call().map(recordText).join('\n');
  } catch (error) {
    return refusalOf(error);
  }
}

function resultsOf<R>(call: () => readonly R[]): readonly R[] {
  try {
    return call();
  } catch (error) {
    refusalOf(error);
    return [];
  }
}

/** @throws ContractViolation for an error that says nothing to the one who reads it */
function refusalOf(error: unknown): string {
  if (error instanceof ContractViolation) throw error;
  expectThat(
    error instanceof MillraceError,
    `a record ends in ${String(error)}, which is no MillraceError`,
  );
  expectThat(!isRetriable(error), `a record is tried for ever: ${error.message}`);
  return `refused: ${error.code}`;
}

export interface ConverterSubject {
  readonly plugin: ConverterPlugin;
  readonly config: ComponentConfig;
  /** Types that come back as what they were, by the names of the samples; default all that are accepted. */
  readonly exact?: readonly string[];
}

const TOPIC = 'contract';
const GARBAGE: readonly (readonly number[])[] = [
  [],
  [0],
  [255],
  [0, 0, 0, 0, 1],
  [123],
  [34],
  [0xc3, 0x28],
  [1, 2, 3],
];

/** What 'a converter' means. */
export function converterContract(subject: ConverterSubject): readonly ContractCase[] {
  const { plugin, config } = subject;
  const open = (): Converter => plugin.create(config, 'value');
  return [
    ...pluginCases(plugin, (use) => use(config)),
    {
      name: 'values: of any type they are written and read again as what they were, or refused',
      run: async () => {
        const converter = open();
        for (const sample of SAMPLES) {
          const bytes = await written(converter, sample);
          if (bytes === undefined) continue;
          const read = await readBytes(converter, bytes);
          const isExact = subject.exact === undefined || subject.exact.includes(sample.name);
          expectThat(
            !isExact || (read !== undefined && valuesEqual(read.value, sample.value)),
            `a value of the type "${sample.name}" comes back as another one: ${plainText(read?.value)}`,
          );
        }
      },
    },
    {
      name: 'values: the same value gives the same bytes, whatever was written before',
      run: async () => {
        const once = await Promise.all(SAMPLES.map((sample) => written(open(), sample)));
        const converter = open();
        for (const [index, sample] of [...SAMPLES.entries(), ...SAMPLES.entries()]) {
          const bytes = await written(converter, sample);
          expectThat(
            plainText(bytes) === plainText(once[index]),
            `a value of the type "${sample.name}" is written differently after others`,
          );
        }
      },
    },
    {
      name: 'bytes: null is null, and what is of no such format is refused as that',
      run: async () => {
        const converter = open();
        const none = await readBytes(converter, null);
        expectThat(
          none !== undefined && (none.value ?? null) === null,
          'a tombstone is read as a value',
        );
        for (const bytes of GARBAGE) await readBytes(converter, new Uint8Array(bytes));
      },
    },
    {
      name: 'bytes: cut off anywhere they are refused or read, and never end in another error',
      run: async () => {
        const converter = open();
        for (const sample of SAMPLES) {
          const bytes = await written(converter, sample);
          for (let length = 0; length < (bytes?.byteLength ?? 0) && length < 256; length++)
            await readBytes(converter, bytes?.subarray(0, length) ?? null);
        }
      },
    },
  ];
}

/** Undefined when it is refused. */
async function written(
  converter: Converter,
  { name, schema, value }: Sample,
): Promise<Uint8Array | null | undefined> {
  try {
    await converter.prepareFromConnect?.(TOPIC, schema, value);
    return converter.fromConnect(TOPIC, schema, value);
  } catch (error) {
    expectThat(
      error instanceof MillraceError,
      `a value of the type "${name}" ends in ${String(error)}, which is no MillraceError`,
    );
    return undefined;
  }
}

async function readBytes(
  converter: Converter,
  bytes: Uint8Array | null,
): Promise<{ readonly value: unknown } | undefined> {
  try {
    await converter.prepareToConnect?.(TOPIC, bytes);
    return converter.toConnect(TOPIC, bytes);
  } catch (error) {
    const text = bytes === null ? 'null' : Buffer.from(bytes).toString('hex');
    expectThat(
      error instanceof MillraceError,
      `the bytes ${text} end in ${String(error)}, which is no MillraceError`,
    );
    return undefined;
  }
}
