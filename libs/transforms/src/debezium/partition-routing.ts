import { atLeast, defineFields } from '@millrace/config';
import type { ConnectRecord, Schema, StructSchema } from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';
import { transform } from '../plugin.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { envelopeOf, type Envelope } from './envelope.ts';
import { javaHash, murmurHash } from './java-hash.ts';

const INT_MAX = 0x7fff_ffff;

const fields = defineFields({
  'partition.payload.fields': {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Fields of the event that decide on the partition: after.name, source.table; change.name is of the row after, or before a delete.',
    validate: (entries) =>
      entries.length === 0 || entries.includes('') ? 'names at least one field' : undefined,
  },
  'partition.topic.num': {
    type: 'INT',
    importance: 'HIGH',
    doc: 'How many partitions the topic has.',
    validate: atLeast(1),
  },
  'partition.hash.function': {
    type: 'STRING',
    default: 'java',
    importance: 'LOW',
    recommended: ['java', 'murmur'],
    doc: 'How the fields are hashed; another name is java.',
  },
});

/** The partition by the hash of fields, so that rows that belong together stay in order. */
export const partitionRouting = transform(
  'partition-routing',
  'io.debezium.transforms.partitions.PartitionRouting',
  fields,
  (settings) => {
    const paths = settings['partition.payload.fields'].map((path) =>
      path.split('.').map((name) => name.trim()),
    );
    const count = settings['partition.topic.num'];
    const isMurmur = settings['partition.hash.function'].trim().toLowerCase() === 'murmur';
    const hash = isMurmur ? murmurHash : javaHash;
    return {
      apply: <R extends ConnectRecord>(record: R): R => {
        const envelope = envelopeOf(record);
        const op = envelope?.value['op'];
        if (envelope === undefined || op === 't' || op === 'm') return record;
        const found = paths.flatMap((path) => fieldAt(envelope, path));
        if (found.length === 0) return record;
        const total = found.reduce((sum, { schema, value }) => (sum + hash(schema, value)) | 0, 0);
        const normal = total & INT_MAX;
        return { ...record, partition: (normal === INT_MAX ? 0 : normal) % count };
      },
    };
  },
);

interface Found {
  readonly schema: Schema;
  readonly value: unknown;
}

/** A field that is not there, or null, counts for nothing. */
function fieldAt({ schema, value }: Envelope, path: readonly string[]): readonly Found[] {
  let holder: StructSchema = schema;
  let members: unknown = value;
  for (const [index, given] of path.entries()) {
    const isRow = given === 'change' && index < path.length - 1;
    const name = isRow ? (value['op'] === 'd' ? 'before' : 'after') : given;
    const own = fieldOf(holder, name);
    if (own === undefined) return [];
    if (!isStruct(members))
      throw unsuitableRecord(`"${path.slice(0, index).join('.')}" of the event is null`);
    members = members[name] ?? own.default ?? null;
    if (index === path.length - 1) return members === null ? [] : [{ schema: own, value: members }];
    if (own.type !== 'struct') return [];
    holder = own;
  }
  return [];
}
