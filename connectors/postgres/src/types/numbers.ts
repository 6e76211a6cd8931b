import { int64, schemas, type Schema } from '@millrace/record';
import { codec, type CodecMaker } from './codec.ts';

/** Integers and floating-point numbers. */

export function integerCodec(schema: Schema): CodecMaker {
  return () => codec(schema, Number, 0, { json: { kind: 'digits' } });
}

export const bigintCodec: CodecMaker = () =>
  codec(schemas.int64(), int64, 0, { json: { kind: 'digits' } });

/** 'NaN', 'Infinity' and '-Infinity' are spelt as JavaScript spells them. */
export function floatCodec(schema: Schema): CodecMaker {
  return () => codec(schema, Number, 0);
}

export const booleanCodec: CodecMaker = () =>
  codec(schemas.boolean(), (text) => text === 't', false, { json: { kind: 'boolean' } });
