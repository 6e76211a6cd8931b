import type { ConverterPlugin } from '@millrace/connector-api';
import { int64, kindOf, schemas, type PrimitiveSchema } from '@millrace/record';
import { badBytes, badValue } from './errors.ts';

interface BinaryForm {
  readonly name: string;
  readonly schema: PrimitiveSchema;
  readonly byteCount: number;
  /** False when the value is not of the type. */
  write(view: DataView, value: unknown): boolean;
  /** undefined when the bytes are not a value of the type. */
  read(view: DataView): unknown;
}

function isInteger(value: unknown, bits: number): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= -(2 ** (bits - 1)) &&
    value < 2 ** (bits - 1)
  );
}

const forms: readonly BinaryForm[] = [
  {
    name: 'Boolean',
    schema: schemas.boolean({ optional: true }),
    byteCount: 1,
    write: (view, value) => {
      if (typeof value !== 'boolean') return false;
      view.setUint8(0, value ? 1 : 0);
      return true;
    },
    read: (view) => [false, true][view.getUint8(0)],
  },
  {
    name: 'Short',
    schema: schemas.int16({ optional: true }),
    byteCount: 2,
    write: (view, value) => {
      if (!isInteger(value, 16)) return false;
      view.setInt16(0, value);
      return true;
    },
    read: (view) => view.getInt16(0),
  },
  {
    name: 'Integer',
    schema: schemas.int32({ optional: true }),
    byteCount: 4,
    write: (view, value) => {
      if (!isInteger(value, 32)) return false;
      view.setInt32(0, value);
      return true;
    },
    read: (view) => view.getInt32(0),
  },
  {
    name: 'Long',
    schema: schemas.int64({ optional: true }),
    byteCount: 8,
    write: (view, value) => {
      const whole =
        typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
      if (typeof whole !== 'bigint' || BigInt.asIntN(64, whole) !== whole) return false;
      view.setBigInt64(0, whole);
      return true;
    },
    read: (view) => int64(view.getBigInt64(0)),
  },
  {
    name: 'Float',
    schema: schemas.float32({ optional: true }),
    byteCount: 4,
    write: (view, value) => {
      if (typeof value !== 'number') return false;
      view.setFloat32(0, value);
      return true;
    },
    read: (view) => view.getFloat32(0),
  },
  {
    name: 'Double',
    schema: schemas.float64({ optional: true }),
    byteCount: 8,
    write: (view, value) => {
      if (typeof value !== 'number') return false;
      view.setFloat64(0, value);
      return true;
    },
    read: (view) => view.getFloat64(0),
  },
];

/** Kafka's binary forms of single values, big-endian. */
export const numberConverters: readonly ConverterPlugin[] = forms.map((form) => ({
  kind: 'converter',
  name: form.name.toLowerCase(),
  javaClasses: [`org.apache.kafka.connect.converters.${form.name}Converter`],
  version: '4.1.0',
  fields: {},
  create: () => ({
    fromConnect: (_topic, schema, value) => {
      const isNull = value === null || value === undefined;
      // A null has no type, but for the Boolean converter, which looks at the schema first.
      if (isNull && form.name !== 'Boolean') return null;
      if (schema !== null && schema.type !== form.schema.type)
        throw badValue(
          `Invalid schema type for ${form.name}Converter: ${schema.type.toUpperCase()}`,
        );
      if (isNull) return null;
      const bytes = new Uint8Array(form.byteCount);
      if (!form.write(new DataView(bytes.buffer), value))
        throw badValue(
          `${form.name}Converter is not compatible with this value: ${kindOf(value)}, or out of its range`,
        );
      return bytes;
    },
    toConnect: (_topic, bytes) => {
      if (bytes === null) return { schema: form.schema, value: null };
      const value =
        bytes.byteLength === form.byteCount
          ? form.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
          : undefined;
      if (value === undefined)
        throw badBytes(
          `Failed to deserialize data: ${form.name}Converter expects ${form.byteCount} bytes, found ${bytes.byteLength}`,
        );
      return { schema: form.schema, value };
    },
  }),
}));
