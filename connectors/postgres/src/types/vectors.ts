import { schemas, type Schema } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import { codec, type CodecMaker } from './codec.ts';

/** Types of pgvector. */

export function vectorCodec(name: string, items: Schema): CodecMaker {
  return () =>
    codec(
      schemas.array(items, { name, version: 1 }),
      (text) => (text === '[]' ? [] : text.slice(1, -1).split(',').map(Number)),
      [],
    );
}

const SPARSE = schemas.struct(
  { dimensions: schemas.int16(), vector: schemas.map(schemas.int16(), schemas.float64()) },
  { name: 'io.debezium.data.SparseDoubleVector', version: 1, doc: 'Sparse double vector' },
);
const INT16_MAX = 32_767;

/** `{1:1.5,3:2}/5`. The schema has no room for more than 32,767 dimensions (INV-8). */
export const sparseVectorCodec: CodecMaker = ({ settings }) =>
  codec(
    SPARSE,
    (text) => {
      const slash = text.lastIndexOf('/');
      const dimensions = Number(text.slice(slash + 1));
      if (dimensions > INT16_MAX) {
        if (settings.onUnrepresentable === 'null') return null;
        throw notRepresentable(
          'sparsevec',
          text,
          `its ${dimensions} dimensions do not fit into an int16; leave the column out with column.exclude.list, or set event.converting.failure.handling.mode=warn for null instead`,
        );
      }
      const entries = text.slice(1, slash - 1);
      const vector = new Map<number, number>();
      for (const entry of entries === '' ? [] : entries.split(',')) {
        const colon = entry.indexOf(':');
        vector.set(Number(entry.slice(0, colon)), Number(entry.slice(colon + 1)));
      }
      return { dimensions, vector };
    },
    { dimensions: 0, vector: new Map() },
  );
