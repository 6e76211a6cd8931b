import { schemas, type Schema } from '@millrace/record';
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
